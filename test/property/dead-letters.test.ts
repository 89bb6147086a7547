import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintLetter } from '#functions/dead-letter-triage/group/fingerprint.ts';
import { type Finding, foldLetters } from '#functions/dead-letter-triage/group/fold.ts';
import { readRootCause } from '#functions/dead-letter-triage/group/frames.ts';
import type { Group, Transition } from '#functions/dead-letter-triage/group/group.ts';
import { maskMessage } from '#functions/dead-letter-triage/group/mask.ts';
import { maskPayload, maskText } from '#functions/dead-letter-triage/privacy/mask-sample.ts';
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

test('a masked message keeps its limit and is the same each time', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 2_000 }),
    fc.stringMatching(/^[a-z0-9 "'()=:@./\\<>-]{0,300}$/),
  );
  fc.assert(
    fc.property(text, (message) => {
      const masked = maskMessage(message);
      expect(masked.length).toBeLessThanOrEqual(512);
      expect(maskMessage(message)).toBe(masked);
    }),
  );
});

test('numbers, ids and places in a message change no fingerprint', () => {
  const variable = fc.oneof(
    fc.integer().map(String),
    fc.uuid(),
    fc.ipV4(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom('a@example.com', 'b.c@example.org'),
    fc.constantFrom('/var/x.json', 'https://x.y/z', '"quoted text"', "'q'", '0x1f', '5ms', '10.5', '1e9'),
  );
  fc.assert(
    fc.property(variable, variable, (one, other) => {
      const message = (value: string): string => maskMessage(`could not store ${value} in table`);
      expect(message(one)).toBe(message(other));
    }),
  );
});

test('stacks of any text are read without throwing', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '\n\tat ',
      'a.B.c(B.java:1)',
      '\nCaused by: ',
      'Traceback (most recent call last):',
      '\n  File "',
      '", line 1, in f',
      '\n\t/x.go:1',
      ' ---> ',
      '[cause]: ',
      '\n   at ',
      '(',
      ')',
      '$$',
      '/',
      '\n',
      'The above exception was the direct cause of the following exception:',
    ),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const root = readRootCause(parts.join(''));
      expect(root?.frames.length ?? 0).toBeLessThanOrEqual(6);
    }),
    { numRuns: 1_000 },
  );
});

test('a text for people keeps its limit, whatever it is made from', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), fc.uint8Array(), (text, bytes) => {
      expect(maskText(text.repeat(30)).length).toBeLessThanOrEqual(8_192);
      expect(typeof maskPayload(bytes)).toBe('string');
    }),
  );
});

test('letters split into batches, given again and in any pieces, are counted the same', () => {
  const letters = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('a', 'b', 'c'), fc.nat(10)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(letters, fc.array(fc.nat(60), { maxLength: 8 }), (list, cuts) => {
      let offset = 0;
      const findings = list.map(([gap, reason, hours]) => finding((offset += gap), reason, hours));
      const whole = foldLetters({ next: 0n, groups: new Map() }, findings);
      const groups = new Map<string, Group>();
      const told: Transition[] = [];
      let next = 0n;
      for (const cut of [...cuts.toSorted((a, b) => a - b), findings.length]) {
        const fold = foldLetters({ next, groups }, findings.slice(Math.max(0, cut - 20), cut));
        // A run that dies before it has stored anything leaves no trace.
        if (cut % 7 === 3) continue;
        const again = foldLetters({ next, groups }, findings.slice(0, cut));
        expect(fold.next <= again.next).toBe(true);
        for (const [id, group] of again.changed) groups.set(id, group);
        told.push(...again.transitions);
        next = again.next;
      }
      const rest = foldLetters({ next, groups }, findings);
      for (const [id, group] of rest.changed) groups.set(id, group);
      expect(groups).toEqual(whole.changed);
      expect([...told, ...rest.transitions]).toEqual(whole.transitions);
    }),
  );
});

function finding(offset: number, reason: string, hours: number): Finding {
  const letter = readLetter(deadRecord({ headers: [[Buffer.from('reason_poisoned'), Buffer.from(reason)]] }));
  return {
    offset: BigInt(offset),
    timestamp: BigInt(hours) * 3_600_000n,
    fingerprint: fingerprintLetter(letter),
    verdict: { class: 'unknown', action: 'escalate', by: [] },
    sample: () => ({ place: String(offset), message: reason, key: null, value: null }),
  };
}
