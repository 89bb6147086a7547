import { expect, test } from '@jest/globals';
import { createRecordsBatch, Reader, readRecordsBatches } from '@platformatic/kafka';
import { checkCodec, type Codec } from '#shared/kafka/self-check.ts';
import type { LogBatch } from '#shared/kafka/visible-record.ts';

const codec = { createRecordsBatch, Reader, readRecordsBatches } as unknown as Codec;
type Message = Parameters<Codec['createRecordsBatch']>[0][number];

/** A codec that an update of the client has changed. */
const writing = (change: (message: Message) => Message): Codec => ({
  ...codec,
  createRecordsBatch: (messages, options) => codec.createRecordsBatch(messages.map(change), options),
});
const reading = (change: (batch: LogBatch) => LogBatch): Codec => ({
  ...codec,
  readRecordsBatches: (reader) => codec.readRecordsBatches(reader).map(change),
});
const each =
  (change: (record: LogBatch['records'][number]) => object) =>
  (batch: LogBatch): LogBatch => ({
    ...batch,
    records: batch.records.map((record) => ({ ...record, ...change(record) })),
  });

test('the client that is installed keeps records as they are', () => {
  expect(() => checkCodec(codec)).not.toThrow();
});

test.each<[string, Codec]>([
  [
    'loses headers of one name',
    writing((message) => ({
      ...message,
      headers: new Map(new Map([...message.headers].map((pair) => [String(pair[0]), pair] as const)).values()),
    })),
  ],
  ['has another codec', { ...codec, createRecordsBatch: () => ({ buffer: Buffer.alloc(100) }) }],
  [
    'reads names as text',
    reading(each(({ headers }) => ({ headers: headers.map(([name, value]) => [Buffer.from(String(name)), value]) }))),
  ],
  ['makes null values empty', reading(each(({ value }) => ({ value: value ?? Buffer.alloc(0) })))],
  ['makes empty keys null', reading(each(({ key }) => ({ key: key?.length === 0 ? null : key })))],
  [
    'cuts times to 32 bits',
    reading(each(({ timestampDelta }) => ({ timestampDelta: BigInt.asIntN(31, timestampDelta) }))),
  ],
  ['tells no producer', reading((batch) => ({ ...batch, producerId: -1n }))],
  ['marks no transaction', reading((batch) => ({ ...batch, attributes: batch.attributes & ~0x10 }))],
])('a client that %s writes nothing', (_, changed) => {
  expect(() => checkCodec(changed)).toThrow(expect.objectContaining({ code: 'kafka.protocol' }));
});
