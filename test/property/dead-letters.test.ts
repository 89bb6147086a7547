import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sourceSchema } from '#functions/dead-letter-triage/letter/declared-source.ts';
import { familyHeaders, readHeaders } from '#functions/dead-letter-triage/letter/read-headers.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import type { KafkaHeader } from '#shared/kafka/record.ts';
import { deadRecord } from '../support/dead-letters.ts';

const names = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...familyHeaders).map((name) => Buffer.from(name)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '').map((name) => Buffer.from(name)),
  },
);
const values = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 24 }),
  fc.string({ maxLength: 24 }).map((text) => Buffer.from(text)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((number) => Buffer.from(String(number))),
);
const headerLists = fc.array(
  fc.tuple(names, values).map(([name, value]): KafkaHeader => [name, value]),
  { maxLength: 30 },
);
const bodies = fc.oneof(
  fc.constant(null),
  fc.uint8Array(),
  fc.json().map((text) => Buffer.from(text)),
);
const source = sourceSchema.parse({
  topic: '*',
  fields: { topic: { pointer: '' }, offset: { pointer: '/0' }, message: { header: 'dlq-reason' } },
  value: { pointer: '/1', encoding: 'json' },
});

test('no record makes reading throw, none is changed, and reading twice tells the same', () => {
  fc.assert(
    fc.property(headerLists, bodies, bodies, (headers, key, value) => {
      const record = deadRecord({ headers, key, value });
      const before = structuredClone(record);
      expect(readLetter(record, [source])).toEqual(readLetter(record, [source]));
      expect(readLetter(record).record).toBe(record);
      expect({ ...record, headers: record.headers.map((pair) => [...pair]) }).toEqual({
        ...before,
        headers: before.headers.map((pair) => [...pair]),
      });
    }),
    { numRuns: 200 },
  );
});

test('every header of a family that is legible or not is accounted for, in a hop or by its name', () => {
  const prefix = '__connect.errors.';
  const numbers = fc.constantFrom('partition', 'offset').map((name) => Buffer.from(`${prefix}${name}`));
  const pairs = fc.array(fc.tuple(numbers, fc.uint8Array({ maxLength: 22 })), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(pairs, (headers) => {
      const told = readHeaders(headers).flatMap(({ hop }) => [...Object.keys(hop.origin), ...hop.undecoded]);
      expect(told.length).toBe(headers.length);
    }),
  );
});

test('headers of other people between those of a family change nothing', () => {
  const others = fc.array(
    fc
      .tuple(
        fc.string().map((text) => Buffer.from(`x${text}`)),
        values,
      )
      .map(([name, value]): KafkaHeader => [name, value]),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(headerLists, others, fc.nat(30), (headers, more, at) => {
      const isForeign = ([name]: KafkaHeader): boolean => !familyHeaders.has(Buffer.from(name).toString('latin1'));
      const foreign = more.filter(isForeign);
      const mixed = [...headers.slice(0, at), ...foreign, ...headers.slice(at)];
      const read = (list: readonly KafkaHeader[]): unknown => readLetter(deadRecord({ headers: list })).hops;
      expect(read(mixed)).toEqual(read(headers));
    }),
  );
});
