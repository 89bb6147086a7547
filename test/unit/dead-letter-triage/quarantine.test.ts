import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import type { QuarantineEntry } from '#functions/dead-letter-triage/quarantine/entry.ts';
import { decodeLine, encodeJsonLines, encodeLine } from '#functions/dead-letter-triage/quarantine/json-lines.ts';
import { encodeParquet } from '#functions/dead-letter-triage/quarantine/parquet-file.ts';
import { planFiles } from '#functions/dead-letter-triage/quarantine/place.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { deadRecord } from '../../support/dead-letters.ts';

const entry = (changes: Partial<KafkaRecord>): QuarantineEntry => ({
  record: deadRecord(changes),
  fingerprint: 'v1:0123456789abcdef',
  class: 'json-syntax',
  action: 'quarantine',
  failure: {
    family: 'connect',
    kind: 'failure',
    stage: 'VALUE_CONVERTER',
    origin: {},
    error: { class: 'x.Outer', rootClass: 'x.Root', message: 'für' },
    extras: {},
    undecoded: [],
  },
  origin: { topic: 'orders', partition: 3, offset: 9_007_199_254_740_993n },
  faults: [{ code: 'json.truncated', byte: 5 }],
});

const bytes = fc.option(
  fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
  ),
);
const record: fc.Arbitrary<KafkaRecord> = fc.record({
  topic: fc.constant('orders-dlq'),
  partition: fc.nat(),
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  timestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  timestampType: fc.constantFrom('create', 'append'),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.uint8Array({ maxLength: 12 }), bytes)),
});
const plain = ({ key, value, headers, ...rest }: KafkaRecord): unknown => ({
  ...rest,
  key: key && Buffer.from(key).toString('hex'),
  value: value && Buffer.from(value).toString('hex'),
  headers: headers.map(([name, content]) => [
    Buffer.from(name).toString('hex'),
    content && Buffer.from(content).toString('hex'),
  ]),
});

describe('nothing is lost', () => {
  test('by lines of JSON: any record comes back byte for byte', () => {
    fc.assert(
      fc.property(record, (it) => expect(plain(decodeLine(encodeLine(entry(it))))).toEqual(plain(it))),
      { numRuns: 500 },
    );
  });

  test('by Parquet: an independent reader finds all bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        const file = encodeParquet(records.map(entry));
        const rows = await parquetReadObjects({ file: file.buffer as ArrayBuffer, utf8: false });
        expect(rows).toHaveLength(records.length);
        for (const [index, { key, value, headers, offset, timestamp, partition }] of records.entries())
          expect(rows[index]).toMatchObject({
            kafka_partition: partition,
            kafka_offset: offset,
            kafka_timestamp: timestamp,
            key: key && new Uint8Array(key),
            value: value && new Uint8Array(value),
            headers: headers.map(([name, content]) => ({
              name: new Uint8Array(name),
              value: content && new Uint8Array(content),
            })),
          });
      }),
      { numRuns: 100 },
    );
  });

  test('texts stay readable in lines of JSON, and what was found out stands beside them', () => {
    const [line] = gunzipSync(encodeJsonLines([entry({ value: Buffer.from('{"a":'), key: Buffer.from([0xff]) })]))
      .toString()
      .split('\n');
    expect(JSON.parse(line as string)).toMatchObject({
      topic: 'orders-dlq',
      kafka_offset: '12',
      key: { base64: '/w==' },
      value: { text: '{"a":' },
      fingerprint: 'v1:0123456789abcdef',
      error_class: 'x.Root',
      error_message: 'für',
      origin_offset: '9007199254740993',
      faults: ['json.truncated'],
      diagnosis: ['the JSON ends too early: byte 5'],
    });
  });

  test('the same letters give the same bytes', () => {
    const entries = [entry({}), entry({ offset: 13n, value: null })];
    expect(encodeParquet(entries)).toEqual(encodeParquet(entries));
    expect(encodeJsonLines(entries)).toEqual(encodeJsonLines(entries));
  });
});

describe('where letters go', () => {
  const at = (offset: bigint, timestamp: bigint) => ({ record: deadRecord({ offset, timestamp }) });

  test('to a file for each hour, named by the bounds of their batch', () => {
    const hour = 1_700_000_000_000n;
    const files = planFiles(
      [at(5n, hour), at(7n, hour + 3_600_000n), at(9n, hour + 1n)],
      { first: 4n, last: 11n },
      'parquet',
    );
    expect(files.map(({ path, entries }) => [path, entries.length])).toEqual([
      ['orders-dlq/dt=2023-11-14/hour=22/part-0-4-11.snappy.parquet', 2],
      ['orders-dlq/dt=2023-11-14/hour=23/part-0-4-11.snappy.parquet', 1],
    ]);
  });

  test.each([
    [-1n, '1970-01-01/hour=00'],
    [-(2n ** 63n), '1970-01-01/hour=00'],
    [2n ** 63n - 1n, '9999-12-31/hour=23'],
  ])('a timestamp of %s stays within what a folder can be named after', (timestamp, folder) => {
    expect(planFiles([at(1n, timestamp)], { first: 1n, last: 1n }, 'jsonl')[0]?.path).toBe(
      `orders-dlq/dt=${folder}/part-0-1-1.jsonl.gz`,
    );
  });
});
