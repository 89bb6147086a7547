import { type Group, overflowId, rateOf, type Sample } from '../group/group.ts';
import { unhandledLetters } from '../group/handled.ts';
import { findUnhandled } from '../group/unhandled.ts';
import { maskText } from '../privacy/mask-sample.ts';
import { nextSteps } from './next-steps.ts';
import type { GroupReport } from './report.ts';
import { isoTime } from '#shared/page/times.ts';

/** A group of a topic, and what each partition knows of it. */
export interface TopicGroup {
  readonly topic: string;
  readonly group: Group;
  readonly shares: readonly { readonly partition: number; readonly group: Group }[];
}

const mostPlaces = 12;
const mostReplays = 5;

/** What is shown of a group. Masked once more, whatever its writer did: what nobody masked shall not be seen here. */
export function makeGroupReport(
  { topic, group, shares }: TopicGroup,
  hours: readonly number[],
  now: number,
): GroupReport {
  const { about, verdict } = group;
  const places = shares
    .map((share) => ({
      partition: share.partition,
      letters: share.group.count,
      firstOffset: share.group.firstOffset,
      lastOffset: share.group.lastOffset,
    }))
    .toSorted((a, b) => b.letters - a.letters || a.partition - b.partition)
    .slice(0, mostPlaces);
  const open = shares.map((share) => share.group).filter(({ state }) => state === 'open');
  const since = open.some(({ episode }) => episode > 1) ? findUnhandled(open)?.timestamp : undefined;
  const masked = {
    id: group.id,
    topic,
    about: {
      family: maskText(about.family),
      component: maskText(about.component),
      stage: maskText(about.stage),
      errorClass: maskText(about.errorClass),
      message: maskText(about.message),
      frames: about.frames.map(maskText),
    },
    title: maskText(titleOf(group)),
    class: verdict.class,
    action: verdict.action,
    ...(verdict.owner === undefined ? {} : { owner: maskText(verdict.owner) }),
    by: verdict.by.map(maskText),
    state: group.state,
    episode: group.episode,
    letters: group.count,
    openLetters: shares.reduce((sum, share) => sum + unhandledLetters(share.group), 0),
    ...tellReplays(shares),
    ...(since === undefined ? {} : { unhandledSince: isoTime(since) }),
    perHour: roundRate(rateOf(group, now)),
    firstSeen: isoTime(group.firstSeen),
    lastSeen: isoTime(group.lastSeen),
    ageMs: Math.max(0, now - group.firstSeen),
    hours,
    places,
    samples: group.samples.map(maskSample),
  };
  return { ...masked, next: group.state === 'open' ? nextSteps(masked, group.id === overflowId) : [] };
}

/** What plans sent back, the newest last, of all partitions together. */
function tellReplays(shares: TopicGroup['shares']): Pick<GroupReport, 'replays'> {
  const all = shares.flatMap(({ group }) => group.replays ?? []).toSorted((a, b) => a.at - b.at);
  if (all.length === 0) return {};
  const replays = [...Map.groupBy(all, ({ plan }) => plan)].map(([plan, own]) => ({
    plan,
    letters: own.reduce((sum, { letters }) => sum + letters, 0),
    at: isoTime(Math.max(...own.map(({ at }) => at))),
  }));
  return { replays: replays.slice(-mostReplays) };
}

/** Whole numbers, unless that would be nothing or far from the truth. */
function roundRate(rate: number): number {
  return rate >= 10 ? Math.round(rate) : Math.round(rate * 100) / 100;
}

function titleOf({ about: { errorClass, message }, verdict }: Group): string {
  const name = errorClass.slice(errorClass.lastIndexOf('.') + 1);
  const title = [name, message].filter((part) => part !== '').join(': ');
  return title === '' ? `Letters that tell nothing (${verdict.class})` : title;
}

function maskSample({ place, message, key, value, fault }: Sample): Sample {
  const mask = (text: string | null): string | null => (text === null ? null : maskText(text));
  return {
    place,
    message: maskText(message),
    ...(key === undefined ? {} : { key: mask(key) }),
    ...(value === undefined ? {} : { value: mask(value) }),
    ...(fault === undefined ? {} : { fault: maskText(fault) }),
  };
}
