import { LakewardenError } from '../errors/error.ts';
import { cutSends, type NewRecord } from './cut-sends.ts';
import { messageOf } from './message.ts';
import { type BatchCodec, type LogBatch, readBatches } from './record-batch.ts';
import { recordsOf, visibleSpans } from './visible-record.ts';

/** What is checked of the client: how it writes batches. */
export interface Codec {
  readonly batchCodec: BatchCodec;
  readonly createRecordsBatch: (
    messages: ReturnType<typeof messageOf>[],
    options: object,
  ) => { readonly buffer: Buffer };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const place = { topic: 't', partition: 0 };
const day = 86_400_000n;
const hostile: NewRecord[] = [
  {
    ...place,
    timestamp: 1_600_000_000_000n,
    key: Buffer.alloc(0),
    value: null,
    headers: [
      [bytes('twice'), null],
      [bytes('__proto__'), bytes('\0\xff')],
      [bytes('twice'), Buffer.alloc(0)],
      [bytes('\xff\xfe'), bytes('no UTF-8')],
      [Buffer.alloc(0), bytes('of no name')],
    ],
  },
  { ...place, timestamp: 1_600_000_000_000n + 24n * day, key: null, value: Buffer.alloc(0), headers: [] },
  { ...place, timestamp: 1_600_000_000_000n - 24n * day, key: null, value: bytes('\x80'), headers: [] },
  { ...place, timestamp: 0n, key: bytes('far'), value: bytes('away'), headers: [] },
];

/**
 * Writes hostile records into memory with the client's codec and reads them back, also behind an aborted transaction: an update
 * of the client that changed what we rely on must not write. @throws kafka.protocol
 */
export function checkCodec(codec: Codec): void {
  let reason = 'keeps records as they are';
  try {
    if (!keepsRecords(codec)) throw new Error('what was read is not what was written');
    reason = 'shows transactions as they are';
    if (!showsTransactions(codec)) throw new Error('other records were seen');
  } catch (cause) {
    const message = `the Kafka client no longer ${reason}: nothing is written`;
    throw new LakewardenError('kafka.protocol', message, { cause });
  }
}

function keepsRecords(codec: Codec): boolean {
  const sends = cutSends(hostile, { maxBytes: 900_000, maxRecords: 1_000 });
  const batches = sends.flatMap((records) => decode(codec, encode(codec, records)));
  const back = batches.flatMap((batch) => [...recordsOf(place, visibleSpans([batch], [], 0n))]);
  return sends.length === 2 && describe(back) === describe(hostile);
}

function showsTransactions(codec: Codec): boolean {
  const batchesOf = (record: NewRecord | undefined, producerId: bigint): LogBatch[] =>
    record === undefined ? [] : decode(codec, encode(codec, [record], producerId));
  const [, some] = hostile;
  const log = [
    ...placeAt(batchesOf(some, 1n), 0n),
    ...placeAt(batchesOf(some, 2n), 1n),
    ...placeAt(batchesOf(abortMarker, 1n), 2n, controlBit),
    ...placeAt(batchesOf(some, 1n), 3n),
  ];
  const seen = [...recordsOf(place, visibleSpans(log, [{ producerId: 1n, firstOffset: 0n }], 0n))];
  return seen.map(({ offset }) => offset).join() === '1,3';
}

const controlBit = 0x20;

/** Its key is a version and the type 0. */
const abortMarker: NewRecord = { ...place, timestamp: 0n, key: Buffer.alloc(4), value: null, headers: [] };

function encode({ createRecordsBatch }: Codec, records: readonly NewRecord[], producerId?: bigint): Buffer {
  const transaction = producerId === undefined ? {} : { transactionalId: 'check', producerId, producerEpoch: 0 };
  return createRecordsBatch(records.map(messageOf), { compression: 'none', ...transaction }).buffer;
}

function decode({ batchCodec }: Codec, buffer: Buffer): LogBatch[] {
  return readBatches(buffer, batchCodec);
}

/** Batches where a broker would have put them. */
function placeAt(batches: readonly LogBatch[], firstOffset: bigint, attributes = 0): LogBatch[] {
  return batches.map((batch) => ({ ...batch, firstOffset, attributes: batch.attributes | attributes }));
}

function describe(records: readonly NewRecord[]): string {
  const text = (part: Uint8Array | null): string | null => part && Buffer.from(part).toString('hex');
  return JSON.stringify(
    records.map(({ timestamp, key, value, headers }) => [
      String(timestamp),
      text(key),
      text(value),
      headers.map((pair) => pair.map(text)),
    ]),
  );
}
