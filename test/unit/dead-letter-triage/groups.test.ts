import { describe, expect, test } from '@jest/globals';
import { fingerprintLetter } from '#functions/dead-letter-triage/group/fingerprint.ts';
import { type Finding, foldLetters, type Ledger, usualLimits } from '#functions/dead-letter-triage/group/fold.ts';
import { type Group, hourMs, joinGroups, overflowId, rateOf } from '#functions/dead-letter-triage/group/group.ts';
import { noteReplays, unhandledLetters } from '#functions/dead-letter-triage/group/handled.ts';
import { resolveGroups } from '#functions/dead-letter-triage/group/resolve-groups.ts';
import { judgeRetention } from '#functions/dead-letter-triage/retention/retention.ts';
import { findUnhandled } from '#functions/dead-letter-triage/group/unhandled.ts';
import { suggestMerges } from '#functions/dead-letter-triage/group/similar.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { makeSample } from '#functions/dead-letter-triage/privacy/sample.ts';
import { connectHeaders, deadRecord, failure, headers } from '../../support/dead-letters.ts';

const verdict = { class: 'unknown', action: 'escalate', by: ['nothing'] } as const;
const start = 1_700_000_000_000;
const hour = Math.floor(start / hourMs);

function finding(offset: number, reason = 'no room', timestamp = start): Finding {
  const letter = readLetter(deadRecord({ offset: BigInt(offset), headers: headers(['reason_poisoned', reason]) }));
  return {
    offset: BigInt(offset),
    timestamp: BigInt(timestamp),
    fingerprint: fingerprintLetter(letter),
    verdict,
    sample: () => ({ place: `dlq/0/${offset}`, message: reason, key: null, value: null }),
  };
}

/** Folds batches one after the other. */
function foldAll(batches: readonly (readonly Finding[])[], limits = usualLimits, from?: Ledger) {
  const groups = new Map(from?.groups);
  let next = from?.next ?? 0n;
  const transitions = [];
  let skipped = 0;
  for (const batch of batches) {
    const fold = foldLetters({ next, groups }, batch, limits);
    next = fold.next;
    for (const [id, group] of fold.changed) groups.set(id, group);
    transitions.push(...fold.transitions);
    skipped += fold.skipped;
  }
  return { next, groups, transitions, skipped };
}

function only(groups: ReadonlyMap<string, Group>): Group {
  expect(groups.size).toBe(1);
  return [...groups.values()][0] as Group;
}

describe('counting letters', () => {
  const letters = Array.from({ length: 12 }, (_, index) => finding(index, 'no room', start + index));

  test('first and last seen, counts, samples and transitions are exact', () => {
    const { groups, transitions, next } = foldAll([letters]);
    const group = only(groups);
    expect(group).toMatchObject({
      count: 12,
      firstSeen: start,
      lastSeen: start + 11,
      firstOffset: '0',
      lastOffset: '11',
      state: 'open',
      episode: 1,
      hours: [[hour, 12]],
    });
    expect(next).toBe(12n);
    expect(group.samples.map(({ place }) => place)).toEqual(['dlq/0/0', 'dlq/0/1', 'dlq/0/2']);
    expect(transitions).toEqual([
      { kind: 'opened', group: group.id, episode: 1 },
      { kind: 'grown', group: group.id, episode: 1, count: 10 },
    ]);
  });

  test('letters that are given ten times, in pieces that overlap, count once', () => {
    const pieces = [letters.slice(0, 5), letters.slice(2, 9), ...Array.from({ length: 10 }, () => letters)];
    const again = foldAll(pieces);
    const { groups, transitions, next } = foldAll([letters]);
    expect({ ...again, skipped: 0 }).toEqual({ groups, transitions, next, skipped: 0 });
    expect(again.skipped).toBe(5 + 7 + 120 - 12);
  });

  test('holes in the offsets are no letters', () => {
    const { groups, next } = foldAll([[finding(3), finding(700)]]);
    expect([only(groups).count, next]).toEqual([2, 701n]);
  });

  test('timestamps out of order, in the future and from before the epoch break nothing', () => {
    const strange = [start, start - 5 * hourMs, start + 9e15, -1, start].map((at, index) => finding(index, 'x', at));
    const group = only(foldAll([strange]).groups);
    expect([group.count, group.firstSeen, group.lastSeen]).toEqual([5, 0, 8_640_000_000_000_000]);
    expect(group.hours).toEqual([
      [0, 1],
      [hour - 5, 1],
      [hour, 2],
      [2_400_000_000, 1],
    ]);
  });

  test('of 100,000 groups of an attacker only the first are kept, and all letters are counted', () => {
    const limits = { ...usualLimits, groups: 50 };
    const many = Array.from({ length: 100_000 }, (_, index) => {
      const one = finding(index);
      return { ...one, fingerprint: { ...one.fingerprint, id: `v1:${index}` } };
    });
    const { groups } = foldAll([many], limits);
    expect(groups.size).toBe(51);
    expect(groups.get(overflowId)).toMatchObject({ count: 99_950, verdict: { by: ['overflow'] } });
    expect([...groups.values()].reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
  });
});

describe('a group', () => {
  const quiet = { now: start + 10 * hourMs, quietMs: hourMs, handled: new Set<string>() };

  test('is resolved when it was quiet or handled, and regresses once when letters come again', () => {
    const { groups, next } = foldAll([[finding(0)]]);
    const { id } = only(groups);
    const byTime = resolveGroups(groups.values(), quiet);
    expect(byTime.transitions).toEqual([{ kind: 'resolved', group: id, episode: 1, because: 'quiet' }]);
    const handled = { ...quiet, now: start, handled: new Set([id]) };
    expect(resolveGroups(groups.values(), handled).transitions).toMatchObject([{ because: 'handled' }]);
    expect(resolveGroups(byTime.changed.values(), quiet).transitions).toEqual([]);
    const back = foldAll([[finding(5), finding(6)]], usualLimits, { next, groups: byTime.changed });
    expect(back.transitions).toEqual([{ kind: 'regressed', group: id, episode: 2 }]);
    expect(only(back.groups)).toMatchObject({ state: 'open', count: 3, episodeCount: 2 });
  });

  test('is handled when all its letters were replayed, by one plan or several, and regresses when they come back', () => {
    const { groups, next } = foldAll([[finding(0), finding(1), finding(2)]]);
    const { id } = only(groups);
    const sent = (plan: string, letters: number, episode = 1) => ({ group: id, episode, plan, letters });
    const some = noteReplays(groups, [sent('p1', 2)], 5);
    expect(unhandledLetters(only(some))).toBe(1);
    expect(resolveGroups(some.values(), { ...quiet, now: start }).transitions).toEqual([]);
    // The same plan again changes nothing, also when another plan has counted a part of it; groups nobody knows are left out.
    const again = [sent('p1', 2), sent('p1', 1), { ...sent('p1', 9), group: 'v1:other' }, sent('p1', 9, 2)];
    expect(noteReplays(some, again, 6).size).toBe(0);
    const all = noteReplays(some, [sent('p2', 1)], 7);
    const { changed, transitions } = resolveGroups(all.values(), { ...quiet, now: start });
    expect(transitions).toEqual([{ kind: 'resolved', group: id, episode: 1, because: 'handled', plan: 'p2' }]);
    const back = foldAll([[finding(8), finding(9)]], usualLimits, { next, groups: changed });
    expect(back.transitions).toEqual([{ kind: 'regressed', group: id, episode: 2 }]);
    expect(only(back.groups)).toMatchObject({ episodeCount: 2, episodeOffset: '8', replays: [{ plan: 'p1' }, {}] });
    expect(unhandledLetters(only(back.groups))).toBe(2);
    expect(findUnhandled(back.groups.values())?.offset).toBe(8n);
  });

  test('keeps few of many replays, and never counts one twice for that', () => {
    let { groups } = foldAll([Array.from({ length: 60 }, (_, index) => finding(index))]);
    const { id } = only(groups);
    for (let round = 0; round < 60; round += 1)
      groups = noteReplays(groups, [{ group: id, episode: 1, plan: `p${round % 30}`, letters: 1 }], round);
    expect(unhandledLetters(only(groups))).toBe(40);
  });

  test('that is not quiet yet, also by a clock that is behind, stays open', () => {
    const { groups } = foldAll([[finding(0)]]);
    expect(resolveGroups(groups.values(), { ...quiet, now: start - hourMs }).transitions).toEqual([]);
  });

  test('bursts once in an hour, when there are many times the usual letters', () => {
    let offset = 0;
    const inHour = (at: number, count: number): Finding[] =>
      Array.from({ length: count }, () => finding(offset++, 'x', (hour + at) * hourMs));
    const letters = [...inHour(0, 20), ...inHour(1, 20), ...inHour(2, 500), ...inHour(3, 20)];
    const { transitions, groups } = foldAll([letters]);
    const { id } = only(groups);
    expect(transitions.filter(({ kind }) => kind === 'burst')).toEqual([
      { kind: 'burst', group: id, hour: hour + 2, count: 200, usual: 20 },
    ]);
    expect(rateOf(only(groups), (hour + 2) * hourMs + 5, 2)).toBe(260);
  });

  test('that is new does not burst: its opening tells', () => {
    const letters = Array.from({ length: 5_000 }, (_, index) => finding(index));
    expect(foldAll([letters]).transitions.map(({ kind }) => kind)).toEqual(['opened', 'grown', 'grown', 'grown']);
  });

  test('of several partitions is one, in whatever order they are joined', () => {
    const shares = [
      only(foldAll([[finding(0, 'x', start + 5), finding(1, 'x', start + hourMs)]]).groups),
      only(foldAll([[finding(9, 'x', start)]]).groups),
    ] as [Group, Group];
    const joined = joinGroups(shares);
    expect(joined).toMatchObject({
      count: 3,
      firstSeen: start,
      lastSeen: start + hourMs,
      hours: [
        [hour, 2],
        [hour + 1, 1],
      ],
    });
    expect(joinGroups([shares[1], shares[0]])).toEqual(joined);
  });

  test('of several partitions has the verdict that was given last, whatever times its letters tell', () => {
    const old = only(foldAll([[finding(0, 'x', start + hourMs)]]).groups);
    const young: Group = { ...old, verdict: { ...verdict, owner: 'us' }, firstSeen: start, lastSeen: start };
    const counted: [Group, Group] = [
      { ...old, countedAt: 5 },
      { ...young, countedAt: 6 },
    ];
    expect(joinGroups(counted).verdict.owner).toBe('us');
    expect(joinGroups([counted[1], counted[0]])).toEqual(joinGroups(counted));
  });
});

describe('similar groups', () => {
  const group = (id: string, message: string, frames: readonly string[] = []) => ({
    id,
    about: { ...finding(0).fingerprint, message, frames, errorClass: 'x.Y' },
  });

  test('are suggested by words and by frames, in any order the same, and nothing is merged', () => {
    const groups = [
      group('b', 'user alice was not found'),
      group('a', 'user bob was not found'),
      group('c', 'nothing of that'),
      group('e', 'Wert fehlt', ['a.b', 'c.d']),
      group('d', 'value is missing', ['a.b', 'c.d']),
    ];
    const suggestions = [
      { groups: ['d', 'e'], because: 'frames', template: '*' },
      { groups: ['a', 'b'], because: 'message', template: 'user * was not found' },
    ];
    expect(suggestMerges(groups)).toEqual(suggestions);
    expect(suggestMerges(groups.toReversed())).toEqual(suggestions);
  });

  test('of another class, stage, component or family are never suggested', () => {
    const one = group('a', 'user alice was not found');
    for (const name of ['errorClass', 'stage', 'component', 'family'] as const) {
      const other = { id: 'b', about: { ...one.about, [name]: 'other' } };
      expect(suggestMerges([one, other])).toEqual([]);
    }
  });
});

describe('what retention is about to do', () => {
  const facts = {
    now: start,
    retentionMs: 10 * hourMs,
    isCompacted: false,
    earliest: 5n,
    unhandled: { offset: 5n, timestamp: start - 9 * hourMs },
  };

  test('by time: when the oldest unhandled letter is old enough', () => {
    expect(judgeRetention(facts)).toEqual({ lost: 0n, by: 'time', deletedFrom: start + hourMs, leftMs: hourMs });
  });

  test('by size: at the pace of the log, when that comes first', () => {
    const bySize = { ...facts, retentionBytes: 1_100, logBytes: 1_000, oldestTimestamp: start - 5 * hourMs };
    expect(judgeRetention(bySize)).toEqual({
      lost: 0n,
      by: 'size',
      deletedFrom: start + hourMs / 2,
      leftMs: hourMs / 2,
    });
    expect(judgeRetention({ ...bySize, logBytes: 1_200 })).toMatchObject({ by: 'size', leftMs: 0 });
  });

  test('letters that are gone are counted', () => {
    expect(judgeRetention({ ...facts, earliest: 12n }).lost).toBe(7n);
  });

  test('clocks that go wrong never make a time negative', () => {
    expect(judgeRetention({ ...facts, now: start + 100 * hourMs }).leftMs).toBe(0);
    expect(judgeRetention({ ...facts, now: start - 100 * hourMs }).leftMs).toBe(101 * hourMs);
  });

  test('nothing threatens where all was handled or all is kept; a compacted topic may delete at any time', () => {
    const { unhandled: _, ...handled } = facts;
    const { retentionMs: __, ...kept } = facts;
    expect(judgeRetention(handled)).toEqual({ lost: 0n });
    expect(judgeRetention(kept)).toEqual({ lost: 0n });
    expect(judgeRetention({ ...kept, isCompacted: true })).toMatchObject({ by: 'compaction', leftMs: 0 });
  });
});

describe('what is kept of a group', () => {
  test('is plain JSON of less than 4 kB, whatever its letters hold', () => {
    const long = 'ÄB'.repeat(50_000);
    const stack = `${long}: ${long}\n${Array.from({ length: 20 }, (_, index) => `\tat a.${long}${index}(B.java:1)`).join('\n')}`;
    const told = { ...failure, errorClass: long, message: long, stack };
    const record = deadRecord({
      headers: connectHeaders(told, long),
      key: Buffer.from(long),
      value: Buffer.from(long),
    });
    const letter = readLetter(record);
    const findings = Array.from({ length: 200 }, (_, index) => ({
      ...finding(index, 'x', start + index * hourMs),
      fingerprint: fingerprintLetter(letter),
      sample: () => makeSample(letter),
    }));
    const group = only(foldAll([findings]).groups);
    const text = JSON.stringify(group);
    expect(JSON.parse(text)).toEqual(group);
    expect(Buffer.byteLength(text)).toBeLessThan(4_096);
  });

  test('holds no secret of its letters', () => {
    const told = { ...failure, message: 'login of bob@example.com with password=hunter2 failed', stack: '' };
    const value = Buffer.from('{"iban":"DE89370400440532013000","name":"Alice"}');
    const list = connectHeaders(told, 'https://sa:hunter2@sink.example/x');
    const letter = readLetter(deadRecord({ headers: list, key: Buffer.from('alice'), value }));
    const one = { ...finding(0), fingerprint: fingerprintLetter(letter), sample: () => makeSample(letter) };
    const text = JSON.stringify(only(foldAll([[one]]).groups));
    expect(text).not.toMatch(/hunter2|bob|alice|DE8937/i);
    expect(text).toContain('orders-dlq/0/12');
  });
});
