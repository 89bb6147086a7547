import { describe, expect, test } from '@jest/globals';
import { type Group, hourMs, overflowId } from '#functions/dead-letter-triage/group/group.ts';
import { findUnhandled } from '#functions/dead-letter-triage/group/unhandled.ts';
import type { PartitionFacts } from '#functions/dead-letter-triage/report/facts.ts';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { randomNumbers } from '../../support/letter-groups.ts';
import { makeGroup, makePartition, ordinaryTrouble, reportOptions, reportTime } from '../../support/report-facts.ts';

const report = (partitions: readonly PartitionFacts[], options = reportOptions) =>
  makeReport({ now: reportTime, partitions }, options);

describe('groups', () => {
  const many = makeGroup({ id: 'many', hours: [50] });
  const old = makeGroup({ id: 'old', hours: [0, 0, 0, 0, 0, 0, 20] });
  const resolved = makeGroup({ id: 'resolved', hours: [900], rest: { state: 'resolved' } });
  const back = makeGroup({
    id: 'back',
    hours: [10, ...Array<number>(40).fill(10)],
    rest: { episode: 2, episodeCount: 5 },
  });

  test.each([
    ['cost', ['many', 'old', 'back', 'resolved']],
    ['age', ['back', 'old', 'many', 'resolved']],
    ['rate', ['back', 'many', 'old', 'resolved']],
  ] as const)('by %s, and resolved ones last', (order, ids) => {
    const { groups } = report([makePartition([resolved, old, back, many])], { ...reportOptions, order });
    expect(groups.map(({ id }) => id)).toEqual(ids);
  });

  test('of several partitions of a topic are one, those of other topics are not', () => {
    const { groups, totals } = report([
      makePartition([makeGroup({ hours: [3] })]),
      makePartition([makeGroup({ hours: [0, 4] })], { partition: 7 }),
      makePartition([makeGroup({ hours: [1] })], { topic: 'other.dlq' }),
    ]);
    expect(
      groups.map(({ topic, letters, places }) => [topic, letters, places.map((place) => place.partition)]),
    ).toEqual([
      ['orders.dlq', 7, [7, 0]],
      ['other.dlq', 1, [0]],
    ]);
    expect(totals).toMatchObject({ openGroups: 2, openLetters: 8, letters: 8 });
  });

  test('open in one partition and resolved in another wait with the letters of the open one', () => {
    const { groups } = report([
      makePartition([makeGroup({ hours: [3] })]),
      makePartition([makeGroup({ hours: [9], rest: { state: 'resolved' } })], { partition: 1 }),
    ]);
    expect(groups).toMatchObject([{ state: 'open', openLetters: 3, letters: 12 }]);
  });

  test('wait with the letters that no plan sent back, and tell which plans did', () => {
    const replay = { plan: '0123456789abcdef', letters: 2, episode: 1, at: reportTime };
    const { groups, totals } = report([
      makePartition([makeGroup({ hours: [3], rest: { replays: [replay] } })]),
      makePartition([makeGroup({ hours: [9], rest: { state: 'resolved', replays: [{ ...replay, letters: 9 }] } })], {
        partition: 1,
      }),
    ]);
    expect(totals.openLetters).toBe(1);
    const at = new Date(reportTime).toISOString();
    expect(groups).toMatchObject([{ openLetters: 1, replays: [{ plan: replay.plan, letters: 11, at }] }]);
  });

  test('take the verdict of their newest letter', () => {
    const verdict = { class: 'transient.timeout', action: 'replay' } as const;
    const { groups } = report([
      makePartition([makeGroup({ hours: [0, 3] })]),
      makePartition([makeGroup({ verdict })], { partition: 1 }),
    ]);
    expect(groups).toMatchObject([verdict]);
  });

  test('come out the same in whatever order they are known', () => {
    const { now, partitions } = ordinaryTrouble();
    const random = randomNumbers(5);
    const shuffled = partitions
      .toSorted(() => random() - 0.5)
      .map((one) => ({ ...one, groups: one.groups.toReversed() }));
    expect(makeReport({ now, partitions: shuffled }, reportOptions)).toEqual(
      makeReport({ now, partitions }, reportOptions),
    );
  });

  test('beyond those that are shown are summed up, and nothing is lost', () => {
    const groups = Array.from({ length: 10_000 }, (_, index) =>
      makeGroup({ id: `v1:${index}`, hours: [1 + (index % 7)], about: { message: `word${index} of ${index}` } }),
    );
    const made = report([makePartition(groups)]);
    const all = groups.reduce((sum, { count }) => sum + count, 0);
    expect(made.groups).toHaveLength(reportOptions.groups);
    expect(made.rest.groups).toBe(10_000 - reportOptions.groups);
    expect(made.rest.letters + made.groups.reduce((sum, { letters }) => sum + letters, 0)).toBe(all);
    expect(made.totals.letters).toBe(all);
    expect(made.timeline.at(-1)?.letters).toBe(all);
    expect(made.suggestions.length).toBeLessThanOrEqual(20);
  });

  test('that are not told apart are no suggestion, and say what to do', () => {
    const { suggestions, groups } = report([
      makePartition([makeGroup({ id: overflowId })]),
      makePartition([makeGroup({ id: overflowId })], { topic: 'other.dlq' }),
    ]);
    expect(suggestions).toEqual([]);
    expect(groups[0]?.next[0]?.text).toContain('limits.groups');
  });

  test('with times far from any calendar, or to come, do not break it', () => {
    const far = makeGroup({ rest: { firstSeen: 8.64e15, lastSeen: 8.64e15, hours: [[2_400_000_000, 1]] } });
    const { groups, timeline } = report([makePartition([far])]);
    expect(groups).toMatchObject([{ ageMs: 0, perHour: 0, lastSeen: '+275760-09-13T00:00:00.000Z' }]);
    expect(timeline.every(({ letters }) => letters === 0)).toBe(true);
  });
});

describe('retention', () => {
  const kept = { retentionMs: 10 * hourMs, isCompacted: false };
  const open = makeGroup({ hours: [1, 0, 0, 1], rest: { firstOffset: '5', lastOffset: '9' } });

  test('tells when the oldest unhandled letter goes, and how many went', () => {
    const log = { earliest: 7n, end: 20n };
    const [topic] = report([makePartition([open], { kept, log, position: 10n })]).topics;
    expect(topic).toMatchObject({ unread: '10', lost: '2', isRetentionKnown: true });
    expect(topic?.threat).toMatchObject({
      by: 'time',
      leftMs: open.firstSeen + 10 * hourMs - reportTime,
      isNear: true,
    });
  });

  test('far away is told, but not as near', () => {
    const [topic] = report([
      makePartition([open], { kept: { ...kept, retentionMs: 900 * hourMs }, log: { earliest: 0n, end: 10n } }),
    ]).topics;
    expect(topic?.threat?.isNear).toBe(false);
  });

  test('threatens nothing when all is handled', () => {
    const resolved = { ...open, state: 'resolved' } as const;
    const [topic] = report([
      makePartition([resolved], { kept, log: { earliest: 7n, end: 10n }, position: 10n }),
    ]).topics;
    expect(topic).toMatchObject({ lost: '0', isRetentionKnown: true });
    expect(topic).not.toHaveProperty('threat');
  });

  test('that deleted letters before triage came to them is counted', () => {
    const [topic] = report([makePartition([], { kept, log: { earliest: 50n, end: 60n }, position: 20n })]).topics;
    expect(topic).toMatchObject({ lost: '30', unread: '10' });
  });

  test('is unknown without settings, and with a limit by size of a log whose size is not known', () => {
    const log = { earliest: 0n, end: 1n };
    const topics = [
      makePartition([open], { topic: 'a', log }),
      makePartition([open], { topic: 'b', log, kept: { ...kept, retentionBytes: 1_000 } }),
      makePartition([open], { topic: 'c', log, kept }),
    ];
    const known = report(topics).topics.map(({ topic, isRetentionKnown }) => [topic, isRetentionKnown]);
    expect(Object.fromEntries(known)).toEqual({ a: false, b: false, c: true });
  });
});

describe('the oldest unhandled letter', () => {
  test('is the first of an open group', () => {
    const groups = [
      makeGroup({ hours: [0, 2] }),
      makeGroup({ hours: [1], rest: { firstOffset: '3', lastOffset: '3' } }),
    ];
    expect(findUnhandled(groups)).toMatchObject({ episode: 1, offset: 0n, timestamp: groups[0]?.firstSeen });
  });

  test('of a group that came back is none of those that were handled', () => {
    const current = Math.floor(reportTime / hourMs);
    const hours = [9, 4, 0, 0, 100];
    const back: Group = makeGroup({ hours, rest: { episode: 2, episodeCount: 13 } });
    expect(findUnhandled([back])).toEqual({
      group: back.id,
      episode: 2,
      offset: 112n,
      timestamp: (current - 1) * hourMs,
    });
  });

  test('is none when all groups are resolved', () => {
    expect(findUnhandled([makeGroup({ rest: { state: 'resolved' } })])).toBeUndefined();
  });
});
