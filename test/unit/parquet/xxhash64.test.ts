import { expect, test } from '@jest/globals';
import { xxhash64 } from '#shared/parquet/deep-merge/xxhash64.ts';

function hashOf(text: string, before = 0): string {
  const bytes = Buffer.concat([Buffer.alloc(before, 7), Buffer.from(text), Buffer.alloc(3, 9)]);
  const hash = { high: 0, low: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  xxhash64(view, before, before + Buffer.byteLength(text), hash);
  return [hash.high, hash.low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

// Values of the reference implementation.
test.each([
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['abc', '44bc2cf5ad770999'],
  ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
])('%j is hashed as the reference does, wherever it stands', (text, wanted) => {
  expect(hashOf(text)).toBe(wanted);
  expect(hashOf(text, 5)).toBe(wanted);
});
