import { isUtf8 } from 'node:buffer';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { scanJson } from '#functions/dead-letter-triage/diagnose/json-scanner.ts';

const isJson = (bytes: Buffer): boolean => {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
};

const agrees = (bytes: Buffer): boolean => {
  const { fault } = scanJson(bytes);
  return (fault === undefined) === isJson(bytes) && (fault === undefined || fault.byte <= bytes.length);
};

test('what the scanner accepts is what JSON.parse accepts, whatever was done to a text', () => {
  const damage = fc.record({
    text: fc.json({ maxDepth: 6, depthSize: 'medium' }),
    at: fc.nat(),
    what: fc.constantFrom('cut', 'drop', 'put', 'flip'),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:0-+.eE\\/ \n\'tfn'))),
  });
  fc.assert(
    fc.property(damage, ({ text, at, what, byte }) => {
      const bytes = Buffer.from(text);
      const place = at % (bytes.length + 1);
      const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
      if (what === 'cut') return agrees(head);
      if (what === 'drop') return agrees(Buffer.concat([head, tail.subarray(1)]));
      return agrees(Buffer.concat([head, Buffer.from([byte]), what === 'put' ? tail : tail.subarray(1)]));
    }),
    { numRuns: 5_000 },
  );
});

test('any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => agrees(Buffer.from(bytes))),
    { numRuns: 2_000 },
  );
});

test('any text of the characters of JSON', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:01-+.eE\\u/ \n')), maxLength: 24 });
  fc.assert(
    fc.property(text, (it) => agrees(Buffer.from(it))),
    { numRuns: 10_000 },
  );
});
