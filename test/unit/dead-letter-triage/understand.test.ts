import { expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { foldLetters } from '#functions/dead-letter-triage/group/fold.ts';
import { type Group, overflowId } from '#functions/dead-letter-triage/group/group.ts';
import { Understanding } from '#functions/dead-letter-triage/understand.ts';
import { connectHeaders, deadRecord, failure } from '../../support/dead-letters.ts';

const settings = settingsSchema.parse({
  topics: ['*-dlq'],
  kafka: { brokers: ['unused:9092'] },
  limits: { groups: 3, diagnosed: 2 },
});
const understanding = new Understanding(settings, {
  fetchOriginal: async (origin) => ({ origin, missing: 'topic' }),
});
const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'];
/** Letters of a group each, told apart by what failed. */
const letters = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => {
    const stack = `x.Y: no ${words[(from + index) % words.length]}\n\tat a.B.c(B.java:1)\n`;
    return deadRecord({ offset: BigInt(index), headers: connectHeaders({ ...failure, stack }) });
  });
const isLookedInto = async (records: ReturnType<typeof letters>, groups: ReadonlyMap<string, Group>) =>
  (await understanding.understand(records, groups)).map(({ diagnosis }) => diagnosis.value !== undefined);

test('the bytes of the first letters of each group are looked into', async () => {
  const three = [...letters(1), ...letters(1), ...letters(1), ...letters(1, 1)];
  expect(await isLookedInto(three, new Map())).toEqual([true, true, false, true]);
});

test('where no more groups are kept, the first letters of all others together are looked into', async () => {
  const understood = await understanding.understand(letters(6), new Map());
  const findings = understood.map(({ letter, fingerprint, verdict }) => ({
    ...letter.record,
    fingerprint,
    verdict,
    sample: () => ({ place: '', message: '' }),
  }));
  const limits = { groups: 3, samples: 1, burst: 100, burstFactor: 10 };
  const { changed } = foldLetters({ next: 0n, groups: new Map() }, findings, limits);
  expect([...changed.values()].map(({ count }) => count)).toEqual([1, 1, 1, 3]);
  expect(changed.get(overflowId)?.count).toBe(3);
  // The three that are kept have room for one more each; of the others enough were seen.
  expect(await isLookedInto(letters(8), changed)).toEqual([true, true, true, false, false, false, false, false]);
});
