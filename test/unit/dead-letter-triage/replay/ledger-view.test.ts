import { expect, test } from '@jest/globals';
import { KeyTable } from '#functions/dead-letter-triage/replay/key-table.ts';
import { LedgerView } from '#functions/dead-letter-triage/replay/ledger-view.ts';

test('a table of keys knows 50,000 texts as a map does, and no other', () => {
  const table = new KeyTable();
  const map = new Map<string, number>();
  for (let index = 0; index < 60_000; index += 1) {
    const text = `orders-dlq/3/${(index * 7_919) % 50_000}`;
    table.raise(text, (index % 5) + 1);
    map.set(text, Math.max(map.get(text) ?? 0, (index % 5) + 1));
  }
  expect(table.size).toBe(map.size);
  expect([...map].filter(([text, value]) => table.get(text) !== value)).toEqual([]);
  for (const other of ['', 'orders-dlq/3/50000', 'orders-dlq/3/-1']) expect(table.has(other)).toBe(false);
  table.set('', 4_294_967_295);
  expect(table.get('')).toBe(4_294_967_295);
});

test('the ledger tells a plan what others did, and what itself did apart; reading on adds to both', () => {
  const entry = { letter: 'd/0/1', origin: 'o/0/1', to: 'o/0/7', contents: ['c1', 'c2'], count: 2, at: 0 };
  const first = new LedgerView('p1', { keepsHeld: true });
  first.add({ kind: 'replayed', entry: { ...entry, plan: 'p0' } });
  first.add({ kind: 'replayed', entry: { ...entry, plan: 'p1', letter: 'd/0/2', to: 'o/0/8', contents: ['c3'] } });
  for (const plan of ['p0', 'p1'])
    for (const letter of ['d/0/1', 'd/0/3']) first.add({ kind: 'held', entry: { plan, letter, reason: plan } });
  expect(['d/0/1', 'd/0/2', 'd/0/3'].map((letter) => first.planOf(letter))).toEqual(['p0', 'p1', undefined]);
  expect(['c1', 'c2', 'to o/0/7', 'c3', 'to o/0/8'].map((name) => first.timesReplayed(name))).toEqual([2, 2, 2, 0, 0]);
  expect([first.hasReplayed('o/0/1', 'c1'), first.hasReplayed('o/0/1', 'c3')]).toEqual([true, false]);
  expect(first.held()).toEqual([{ plan: 'p1', letter: 'd/0/3', reason: 'p1' }]);
  expect([first.own.count, first.own.hasWritten('o/0/8'), first.own.hasWritten('o/0/7')]).toEqual([1, true, false]);
  first.positions.set(0, 5n);
  const after = new LedgerView('p1', { after: first });
  expect([after.positions.get(0), after.planOf('d/0/1')]).toEqual([5n, undefined]);
  // What was written twice over is counted once, by whichever view it is seen.
  for (const view of [after, first])
    view.add({ kind: 'replayed', entry: { ...entry, plan: 'p1', letter: 'd/0/9', to: 'o/0/9', contents: [] } });
  expect(first.own.count).toBe(2);
});
