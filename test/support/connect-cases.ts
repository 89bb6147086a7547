import { expect } from '@jest/globals';
import { headers } from './dead-letters.ts';
import type { WrittenRecord } from './java-client.ts';

/** The converter of keys, values and headers. */
export const json = 'org.apache.kafka.connect.json.JsonConverter';
/** The first transform. */
export const cast = 'org.apache.kafka.connect.transforms.Cast$Value';
const decoding = { class: 'org.apache.kafka.connect.errors.DataException', message: expect.stringMatching(/^Convert/) };
const casting = { class: 'org.apache.kafka.connect.errors.DataException', message: expect.stringMatching(/^Value \(/) };
const nothing = { class: 'java.lang.NullPointerException', message: expect.stringMatching(/ is null$/) };
const empty = { class: 'java.util.NoSuchElementException', message: null };

/** A record, and how it fails in the connector. */
interface Case {
  readonly value: string | Buffer | null;
  readonly key?: string | null;
  readonly header?: string;
  readonly stage?: string;
  readonly step?: string;
  readonly error?: { readonly class: string; readonly message: unknown };
  /** Class by the letter with its context, and by the bytes alone. */
  readonly verdicts?: readonly [string, string];
  /** What letters of one group have in common. */
  readonly reason?: string;
}
const badValue = { stage: 'VALUE_CONVERTER', step: json, error: decoding };
const badCast = { stage: 'TRANSFORMATION', step: cast, error: casting, verdicts: ['schema.type', 'unknown'] } as const;
const first = { stage: 'TRANSFORMATION', step: 'FirstItem' };
const cut = { ...badValue, verdicts: ['undecodable.truncated', 'undecodable.truncated'], reason: 'cut' } as const;
const word = { ...badValue, verdicts: ['undecodable.json', 'undecodable.json'], reason: 'word' } as const;

/** Records of two Kafka partitions in turn; what is good has no error. */
const cases: readonly Case[] = [
  { value: '{"id": 1, "amount": "5"}' },
  { value: '{"id": 2, "amount": 5', ...cut },
  { value: '{"id": 33333, "amount": 512345', ...cut },
  { value: '{"id": 3,\n "amount": 0', ...cut },
  { value: '{"id": 4, "amount": abc}', ...word },
  { value: '{"id": 5, "amount": xyzxyz}', ...word },
  {
    value: Buffer.from('7b226964223a22fffe41227d', 'hex'),
    ...badValue,
    verdicts: ['undecodable.utf8', 'undecodable.utf8'],
    reason: 'no UTF-8',
  },
  {
    value: '{"id": 6}',
    key: '{k',
    stage: 'KEY_CONVERTER',
    step: json,
    error: decoding,
    verdicts: ['undecodable.json', 'undecodable.json'],
    reason: 'key',
  },
  {
    value: '{"id": 7}',
    header: 'not json',
    stage: 'HEADER_CONVERTER',
    step: json,
    error: decoding,
    verdicts: ['undecodable.json', 'unknown'],
    reason: 'header',
  },
  { value: '{"id": 8, "amount": "many"}', ...badCast, reason: 'cast' },
  { value: '{"id": 9, "amount": "none at all"}', ...badCast, reason: 'cast' },
  {
    value: '{"id": 10, "items": []}',
    ...first,
    error: empty,
    verdicts: ['transform_failed', 'unknown'],
    reason: 'first',
  },
  {
    value: '{"id": 11, "items": []}',
    key: null,
    ...first,
    error: empty,
    verdicts: ['transform_failed', 'unknown'],
    reason: 'first',
  },
  { value: null, ...first, error: nothing, verdicts: ['defect', 'tombstone'], reason: 'null' },
  {
    value: '',
    ...first,
    error: nothing,
    verdicts: ['undecodable.truncated', 'undecodable.truncated'],
    reason: 'null',
  },
  { value: '{"id": 12, "items": [1]}' },
];

/** The records as they are written. */
export const written = cases.map(({ value, key = '"k"', header = '{"a": 1}' }, index): WrittenRecord => ({
  partition: index % 2,
  timestamp: 1_700_000_000_000n + BigInt(index),
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers: headers(
    ['trace', header],
    ['twice', '1'],
    ['nothing', null],
    ['twice', '2'],
    ['__proto__', '0'],
    ['ü', '""'],
  ),
}));

/** Those that fail, each with its place. */
export const failing = cases.flatMap((one, index) => (one.error === undefined ? [] : [{ ...one, index }]));
