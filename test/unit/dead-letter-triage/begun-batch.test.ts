import { expect, test } from '@jest/globals';
import { begunBatch } from '#functions/dead-letter-triage/state/read-batch.ts';

const batch = { first: 10n, last: 19n };

test.each([
  ['at the position', 10n, 0n, 20n],
  ['at the position, of which retention deleted the beginning', 10n, 15n, 20n],
  ['without a position, where the log began', undefined, 10n, 20n],
  ['without a position, where the log began before retention', undefined, 12n, 20n],
])('a batch that was begun %s is done again', (_, position, earliest, end) => {
  expect(begunBatch(batch, position, { earliest, end })).toBe(batch);
});

test.each([
  ['behind the position, which somebody set back', 0n, 0n, 20n],
  ['before the position', 20n, 0n, 30n],
  ['within a log that has no position: its topic was made anew', undefined, 0n, 100n],
  ['beyond the end of the log', undefined, 10n, 19n],
])('one %s is forgotten', (_, position, earliest, end) => {
  expect(begunBatch(batch, position, { earliest, end })).toBeUndefined();
});
