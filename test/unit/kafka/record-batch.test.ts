import { describe, expect, test } from '@jest/globals';
import { compressionsAlgorithms } from '@platformatic/kafka';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { batchCodec, createRecordsBatch } from '#shared/kafka/kafka-client.ts';
import { messageOf } from '#shared/kafka/message.ts';
import { type LogBatch, readBatches } from '#shared/kafka/record-batch.ts';

const place = { topic: 't', partition: 0, timestamp: 5n, key: null, headers: [] };
const record = (value: Buffer, headers: NewRecord['headers'] = []): NewRecord => ({ ...place, value, headers });
const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
type Codec = (typeof codecs)[number];

function write(records: readonly NewRecord[], compression: Codec | 'none' = 'none'): Buffer {
  return createRecordsBatch(records.map(messageOf) as never, { compression }).buffer;
}

/** A batch whose body is replaced, with a checksum that is right. */
function withBody(body: Buffer, count: number, compression: Codec | 'none' = 'none'): Buffer {
  const batch = Buffer.concat([write([record(Buffer.from('v'))]).subarray(0, 61), body]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(compressionsAlgorithms[compression].bitmask, 21);
  batch.writeInt32BE(count, 57);
  batch.writeUInt32BE(batchCodec.crc32c(batch.subarray(21)), 17);
  return batch;
}

const read = (bytes: Buffer): LogBatch[] => readBatches(bytes, batchCodec);
const values = (batches: readonly LogBatch[]): string[] =>
  batches.flatMap(({ records }) =>
    Array.from({ length: records.length }, (_, index) => String(records.at(index).value)),
  );
const damaged = expect.objectContaining({ code: 'kafka.damaged' });

test('whole batches are read, and one that is cut is left out', () => {
  const [first, second] = [
    write([record(Buffer.from('a')), record(Buffer.from('b'))]),
    write([record(Buffer.from('c'))]),
  ];
  const both = Buffer.concat([first, second]);
  expect(values(read(both))).toEqual(['a', 'b', 'c']);
  for (let length = first.length; length < both.length; length += 1)
    expect(values(read(both.subarray(0, length)))).toEqual(['a', 'b']);
  expect(read(first.subarray(0, first.length - 1))).toEqual([]);
});

test('a batch that compaction has emptied holds none', () => {
  expect(read(withBody(Buffer.alloc(0), 0))[0]?.records.length).toBe(0);
  expect(read(withBody(Buffer.alloc(0), 0, 'lz4'))[0]?.records.length).toBe(0);
});

test('headers keep their names where many names share what names are told apart by', () => {
  const names = Array.from({ length: 600 }, (_, index) => `${index % 2 === 0 ? 'a' : 'é'}${'xyz'[index % 3]}-${index}`);
  const records = [0, 1].map(() =>
    record(
      Buffer.from('v'),
      names.map((name) => [Buffer.from(name), null]),
    ),
  );
  const [batch] = read(write(records));
  for (const index of [0, 1, 0]) expect(batch?.records.at(index).headers.map(([name]) => String(name))).toEqual(names);
});

describe('damage', () => {
  test('any flipped bit behind the checksum is found', () => {
    const batch = write([record(Buffer.from('value'))]);
    for (let at = 21; at < batch.length; at += 1) {
      const flipped = Buffer.from(batch);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      expect(() => read(flipped)).toThrow(damaged);
    }
  });

  test('the batch is told by its offset', () => {
    const batch = write([record(Buffer.from('value'))]);
    batch.writeBigInt64BE(4_711n, 0);
    batch[70] = (batch[70] as number) ^ 1;
    expect(() => read(batch)).toThrow('the batch at offset 4711 ');
  });

  test.each<[string, Buffer, number]>([
    ['more records than bytes', Buffer.from([12, 0, 0, 0, 1, 1, 0]), 1_000_000_000],
    ['fewer than no records', Buffer.alloc(7), -1],
    ['a record that ends behind the batch', Buffer.from([40, 0, 0, 0, 1, 1, 0]), 1],
    ['a record of no length', Buffer.alloc(14), 2],
    ['a record with a negative length', Buffer.from([13, 0, 0, 0, 1, 1, 0]), 1],
  ])('%s is found', (_, body, count) => {
    expect(() => read(withBody(body, count))).toThrow(damaged);
  });

  test.each<[string, number[]]>([
    ['a key', [0, 0, 0, 100, 1, 0, 0, 0]],
    ['a value', [0, 0, 0, 1, 100, 0, 0, 0]],
    ['two billion headers', [0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]],
    ['the name of a header', [0, 0, 0, 1, 1, 2, 100, 0]],
    ['the value of a header', [0, 0, 0, 1, 1, 2, 0, 100]],
  ])('a record that ends within %s is found, though others stand behind it', (_, fields) => {
    const body = Buffer.from([fields.length * 2, ...fields, ...Buffer.alloc(100, 1)]);
    const [batch] = read(withBody(body, 1));
    expect(() => batch?.records.at(0)).toThrow(damaged);
  });

  test('formats before Kafka 0.11 are refused', () => {
    const old = write([record(Buffer.from('v'))]);
    old[16] = 1;
    expect(() => read(old)).toThrow(expect.objectContaining({ code: 'kafka.unsupported' }));
  });
});

describe.each(codecs)('compressed by %s', (codec) => {
  test('what is not what it says is found', () => {
    expect(() => read(withBody(Buffer.from('this is not compressed at all'), 1, codec))).toThrow(damaged);
  });

  test('a megabyte comes back, and more than may come out of a batch does not', () => {
    const body = Buffer.alloc(1_048_576, 'letters ');
    expect(values(read(write([record(body)], codec)))).toEqual([String(body)]);
    const bomb = compressionsAlgorithms[codec].compressSync(Buffer.alloc(134_217_729));
    expect(() => read(withBody(bomb, 1, codec))).toThrow(damaged);
  });
});

test("blocks of Java's Snappy are limited together", () => {
  const block = compressionsAlgorithms.snappy.compressSync(Buffer.alloc(67_108_865));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  const head = Buffer.from('82534e41505059000000000100000001', 'hex');
  expect(() => read(withBody(Buffer.concat([head, length, block, length, block]), 1, 'snappy'))).toThrow(damaged);
});
