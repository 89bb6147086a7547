import { describe, expect, test } from '@jest/globals';
import { firstOrigin } from '#functions/dead-letter-triage/letter/letter.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { replayHeaders } from '#functions/dead-letter-triage/letter/replay-headers.ts';
import { Decider, type Decision } from '#functions/dead-letter-triage/replay/decide.ts';
import type { ReplayedLetter } from '#functions/dead-letter-triage/replay/ledger-record.ts';
import { LedgerView } from '#functions/dead-letter-triage/replay/ledger-view.ts';
import { orderLetters } from '#functions/dead-letter-triage/replay/order-letters.ts';
import { readReplay } from '#functions/dead-letter-triage/replay/plan-schema.ts';
import { refuseTarget } from '#functions/dead-letter-triage/replay/targets.ts';
import type { KafkaHeader, KafkaRecord } from '#shared/kafka/record.ts';
import { connectHeaders, deadRecord, failure, headers, shareGroupHeaders } from '../../../support/dead-letters.ts';

const at = 1_700_000_100_000;
const limits = {
  compacts: false,
  deletes: true,
  retentionMs: 604_800_000n,
  timestampType: 'create',
  oldestMs: undefined,
  youngestMs: 3_600_000n,
  maxBatchBytes: 1_000_000,
} as const;

/** Decides of letters that Connect wrote. */
function decide(
  records: readonly KafkaRecord[],
  rest: object = {},
  ledger = new LedgerView('p1'),
  partitions = 4,
): Decision[] {
  const replay = readReplay(JSON.stringify({ name: 'n', filter: { topic: 'orders-dlq' }, ...rest }), 'f');
  const decider = new Decider(ledger, {
    replay,
    plan: 'p1',
    at,
    rules: { forbidden: ['secret*'], isDeadLetterTopic: (topic) => topic === 'letters' },
    declaredHeaders: [],
    target: (topic) => (topic === 'gone' ? undefined : { partitions, limits }),
    schemas: { named: () => undefined, referred: () => undefined },
    isOutdated: () => false,
  });
  const letters = records.map((record) => readLetter(record));
  return orderLetters(letters.map((letter) => ({ letter, origin: firstOrigin(letter) }))).map(({ letter }) =>
    decider.decide(letter),
  );
}

const dead = (offset: number, changes: Partial<KafkaRecord> = {}, origin = offset, topic = 'orders'): KafkaRecord =>
  deadRecord({
    offset: BigInt(offset),
    value: Buffer.from(`{"n":${offset}}`),
    headers: connectHeaders({ ...failure, topic, offset: BigInt(origin) }),
    ...changes,
  });
const kinds = (decisions: readonly Decision[]): string[] => decisions.map(({ kind }) => kind);
const offsets = (decisions: readonly Decision[]): number[] => decisions.map(({ record }) => Number(record.offset));
const reason = (decision: Decision | undefined): string =>
  decision === undefined || decision.kind === 'replay' ? '' : decision.reason;
const draftOf = (decision: Decision | undefined) => {
  if (decision?.kind !== 'replay') throw new Error(reason(decision));
  return decision.draft;
};
function ledgerOf(...entries: Partial<ReplayedLetter>[]): LedgerView {
  const view = new LedgerView('p1');
  const usual = { plan: 'p0', letter: 'orders-dlq/0/1', to: 'orders/3/99', contents: [], count: 1, at };
  for (const entry of entries) view.add({ kind: 'replayed', entry: { ...usual, ...entry } });
  return view;
}

test('a record is written as it was: only headers of the family that failed are gone, and ours are there', () => {
  const own = headers(['a', '1'], ['a', null], ['', ''], ['source_topic', 'mine'], ['dlq-reason-x', 'y']);
  const record = dead(5, { key: null, value: Buffer.alloc(0) });
  const { headers: written, ...rest } = draftOf(decide([{ ...record, headers: [...own, ...record.headers] }])[0]);
  expect(rest).toEqual({
    topic: 'orders',
    partition: 3,
    key: null,
    value: Buffer.alloc(0),
    timestamp: record.timestamp,
    headersLost: false,
  });
  const added = headers([replayHeaders.id, 'p1'], [replayHeaders.count, '1'], [replayHeaders.origin, 'orders-dlq/0/5']);
  expect(written.map(([name, value]) => [String(name), value && String(value)])).toEqual(
    [...own, ...added].map(([name, value]) => [String(name), value && String(value)]),
  );
});

test('letters are written in the order of their origin, each partition in its own places', () => {
  const records = [
    dead(0, {}, 30),
    dead(1, {}, 7, 'other'),
    dead(2, {}, 10),
    dead(3, { headers: [] }),
    dead(4, {}, 20),
  ];
  expect(offsets(decide(records))).toEqual([2, 1, 4, 3, 0]);
});

describe('a letter that is held', () => {
  const broken = dead(1, { value: Buffer.from('{') });
  const rest = { transforms: [{ set: '/m', value: 1 }] };

  test('holds later ones of its key, and no others', () => {
    const records = [dead(0), broken, dead(2), dead(3, { key: Buffer.from('other') }), dead(4, { key: null })];
    const decisions = decide(records, rest);
    expect(kinds(decisions)).toEqual(['replay', 'held', 'held', 'replay', 'replay']);
    expect([reason(decisions[1]), reason(decisions[2])]).toEqual([
      'the value is not JSON',
      'a letter of the same key before it is held',
    ]);
    expect(kinds(decide(records, { ...rest, order: 'none' }))).toEqual([
      'replay',
      'held',
      'replay',
      'replay',
      'replay',
    ]);
  });
});

test.each([
  [dead(1, { headers: [] }), {}, 'does not tell the topic'],
  [dead(1, {}, 1, 'gone'), {}, 'no topic gone'],
  [dead(1, {}, 1, '__consumer_offsets'), {}, 'internal topic'],
  [dead(1, {}, 1, 'secrets'), {}, 'settings forbid'],
  [dead(1, {}, 1, 'letters'), {}, 'settings call it a dead letter topic'],
  [dead(1), { to: { topic: 'orders-dlq' } }, 'dead letter topic itself'],
  [dead(1, { value: Buffer.alloc(1_000_000) }), {}, 'longer than orders takes'],
  [dead(1, { key: null, value: null, headers: shareGroupHeaders() }), {}, 'only a pointer'],
])('case %#: held for its reason', (record, rest, expected) => {
  expect(reason(decide([record], rest)[0])).toContain(expected);
});

test('a partition that is not there any more holds the letter; by key it is chosen anew', () => {
  expect(reason(decide([dead(1)], {}, undefined, 2)[0])).toBe('orders has no partition 3');
  expect(draftOf(decide([dead(1)], { to: { partition: 'key' } }, undefined, 2)[0]).partition).toBeLessThan(2);
});

test('a plan writes no more than it may in all', () => {
  const decisions = decide([dead(0, { key: null }), dead(1, { key: null }), dead(2, { key: null })], {
    budget: { total: 2 },
  });
  expect(kinds(decisions)).toEqual(['replay', 'replay', 'held']);
});

describe('a letter that was replayed before', () => {
  const told = (count: string): KafkaHeader[] => headers([replayHeaders.id, 'p0'], [replayHeaders.count, count]);

  test('is counted by its own header', () => {
    const record = dead(9);
    const again = (count: string) => decide([{ ...record, headers: [...told(count), ...record.headers] }])[0];
    expect(again('2')).toMatchObject({ kind: 'replay', entry: { count: 3 } });
    expect(draftOf(again('2')).headers.filter(([name]) => String(name) === replayHeaders.count)).toHaveLength(1);
    expect(reason(again('3'))).toBe('it was replayed 3 times before');
  });

  test('is counted by the place it was written to, when consumers drop headers and change bytes', () => {
    expect(decide([dead(9, {}, 99)], {}, ledgerOf({ count: 3 }))[0]).toMatchObject({ kind: 'held' });
    expect(decide([dead(9, {}, 98)], {}, ledgerOf({ count: 3 }))[0]).toMatchObject({ kind: 'replay' });
  });

  test('is counted by what it holds, when nothing tells where it came from', () => {
    const record = dead(9, { headers: [] });
    const rest = { to: { topic: 'orders' } };
    const first = decide([record], rest)[0];
    const contents = first?.kind === 'replay' ? first.entry.contents : [];
    expect(decide([record], rest, ledgerOf({ contents, count: 3 }))[0]).toMatchObject({ kind: 'held' });
    const tombstone = { ...record, value: null };
    expect(decide([tombstone], rest, ledgerOf({ contents, count: 3 }))[0]).toMatchObject({ kind: 'replay' });
  });

  test('is left out, when it is the very same letter', () => {
    const view = ledgerOf({ letter: 'orders-dlq/0/9' });
    expect(decide([dead(9)], {}, view)[0]).toMatchObject({ kind: 'skipped', reason: 'plan p0 replayed it' });
    // Halfway, a plan decides as it did at first.
    expect(kinds(decide([dead(9)], {}, ledgerOf({ plan: 'p1', letter: 'orders-dlq/0/9' })))).toEqual(['replay']);
  });
});

test('of two letters that are the same record one is written', () => {
  const same = { value: Buffer.from('v') };
  expect(kinds(decide([dead(1, same, 5), dead(2, same, 5), dead(3, same, 6)]))).toEqual([
    'replay',
    'skipped',
    'replay',
  ]);
});

test('a time that would soon be deleted is replaced, and told in a header', () => {
  const old = dead(1, { timestamp: 1_600_000_000_000n });
  const { timestamp, headers: written } = draftOf(decide([old])[0]);
  expect(timestamp).toBe('now');
  expect(String(written.at(-1))).toBe(`${replayHeaders.timestamp},1600000000000`);
});

test.each([
  ['orders', true],
  ['orders-retry-handler', true],
  ['deadly-orders', true],
  ['orders-dlq', false],
  ['Orders.DLT', false],
  ['dead-letter-topic-orders', false],
  ['dead_letters', false],
  ['orders-retry', false],
  ['orders-retry-0', false],
  ['app-KSTREAM-repartition', false],
  ['app-store-changelog', false],
  ['__transaction_state', false],
])('%s may be written to: %s', (topic, may) => {
  expect(refuseTarget(topic, 'source', { forbidden: [], isDeadLetterTopic: () => false }) === undefined).toBe(may);
});

test('with an allow-list nothing else is written to', () => {
  const rules = { forbidden: ['*-private'], allowed: ['orders*'], isDeadLetterTopic: () => false };
  expect([
    refuseTarget('orders', 's', rules),
    refuseTarget('billing', 's', rules),
    refuseTarget('orders-private', 's', rules),
  ]).toEqual([undefined, 'it is not among the allowed ones', 'the settings forbid it']);
});
