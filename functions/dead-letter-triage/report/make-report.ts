import { hourMs, joinGroups, overflowId, rateOf } from '../group/group.ts';
import { unhandledLetters } from '../group/handled.ts';
import { suggestMerges } from '../group/similar.ts';
import { maskText } from '../privacy/mask-sample.ts';
import type { PartitionFacts, ReportFacts, ReportOptions } from './facts.ts';
import { makeGroupReport, type TopicGroup } from './group-report.ts';
import type { Report } from './report.ts';
import { isoTime } from '#shared/page/times.ts';
import { makeTopicReport } from './topic-report.ts';

const hoursShown = 48;
const mostSuggestions = 20;

/** Makes the report of what is known. Pure: the same facts in any order give the same report. */
export function makeReport({ now, partitions }: ReportFacts, options: ReportOptions): Report {
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)]
    .map(([topic, parts]) => makeTopicReport(topic, parts, now, options.nearMs))
    .toSorted((a, b) => b.openLetters - a.openLetters || compare(a.topic, b.topic));
  const groups = groupsOf(partitions).toSorted(byUrgency(options.order, now));
  const shown = groups.slice(0, options.groups);
  const rest = groups.slice(options.groups);
  const open = groups.filter(({ group }) => group.state === 'open');
  const current = Math.floor(now / hourMs);
  const hours = Array.from({ length: hoursShown }, (_, index) => current - hoursShown + 1 + index);
  // The same fingerprint in two topics is no suggestion.
  const byId = new Map(open.filter(({ group }) => group.id !== overflowId).map(({ group }) => [group.id, group]));
  const suggestions = suggestMerges([...byId.values()]);
  return {
    version: 1,
    madeAt: isoTime(now),
    order: options.order,
    totals: {
      openGroups: open.length,
      resolvedGroups: groups.length - open.length,
      openLetters: sum(open, openLettersOf),
      letters: sum(groups, ({ group }) => group.count),
      unread: String(topics.reduce((total, { unread }) => total + BigInt(unread), 0n)),
      lost: String(topics.reduce((total, { lost }) => total + BigInt(lost), 0n)),
    },
    topics,
    timeline: countHours(groups, hours).map((letters, index) => ({
      hour: isoTime((hours[index] ?? 0) * hourMs),
      letters,
    })),
    classes: classesOf(open),
    groups: shown.map((one) => makeGroupReport(one, countHours([one], hours), now)),
    rest: {
      groups: rest.length,
      openLetters: sum(rest, openLettersOf),
      letters: sum(rest, ({ group }) => group.count),
    },
    suggestions: suggestions.slice(0, mostSuggestions).map((one) => ({ ...one, template: maskText(one.template) })),
    moreSuggestions: Math.max(0, suggestions.length - mostSuggestions),
  };
}

/** The groups of each topic, with what each of its partitions knows. */
function groupsOf(partitions: readonly PartitionFacts[]): TopicGroup[] {
  const shares = partitions.flatMap(({ topic, partition, groups }) =>
    groups.map((group) => ({ topic, partition, group })),
  );
  return [...Map.groupBy(shares, ({ topic, group }) => `${topic}\0${group.id}`).values()].map((same) => {
    const ordered = same.toSorted((a, b) => a.partition - b.partition) as [(typeof same)[0], ...typeof same];
    const [first, ...others] = ordered;
    const group = joinGroups([first.group, ...others.map((share) => share.group)]);
    return {
      topic: first.topic,
      group,
      shares: ordered,
    };
  });
}

/** Open groups go before resolved ones; what is equal goes by age and name, so that the order is always the same. */
function byUrgency(order: ReportOptions['order'], now: number): (a: TopicGroup, b: TopicGroup) => number {
  const urgency: Record<ReportOptions['order'], (one: TopicGroup) => number> = {
    cost: openLettersOf,
    age: ({ group }) => -group.firstSeen,
    rate: ({ group }) => rateOf(group, now),
  };
  return (a, b) =>
    Number(b.group.state === 'open') - Number(a.group.state === 'open') ||
    urgency[order](b) - urgency[order](a) ||
    a.group.firstSeen - b.group.firstSeen ||
    compare(a.topic, b.topic) ||
    compare(a.group.id, b.group.id);
}

function openLettersOf({ shares }: TopicGroup): number {
  return sum(shares, ({ group }) => unhandledLetters(group));
}

function countHours(groups: readonly TopicGroup[], hours: readonly number[]): number[] {
  const counts = new Map(hours.map((hour) => [hour, 0]));
  for (const { group } of groups)
    for (const [hour, count] of group.hours) {
      const before = counts.get(hour);
      if (before !== undefined) counts.set(hour, before + count);
    }
  return [...counts.values()];
}

function classesOf(open: readonly TopicGroup[]): Report['classes'] {
  return [...Map.groupBy(open, ({ group: { verdict } }) => `${verdict.class} ${verdict.action}`).values()]
    .flatMap((alike) => {
      const verdict = alike[0]?.group.verdict;
      if (verdict === undefined) return [];
      const { class: name, action } = verdict;
      return [{ class: name, action, groups: alike.length, letters: sum(alike, openLettersOf) }];
    })
    .toSorted((a, b) => b.letters - a.letters || compare(a.class, b.class) || compare(a.action, b.action));
}

function sum<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
