import { LakewardenError } from '#shared/errors/error.ts';
import { listOffsets } from '#shared/kafka/log-bounds.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { fitsPattern } from '../pattern.ts';
import { Decider, type DecideTools, type Decision } from './decide.ts';
import type { Target } from './draft-record.ts';
import type { KeyTable } from './key-table.ts';
import type { LedgerView } from './ledger-view.ts';
import { findOutdated } from './newer-data.ts';
import type { PlannedRange, Replay } from './plan-schema.ts';
import { readWindows, type SelectedLetter } from './read-window.ts';
import type { ReplayTools } from './replay-tools.ts';
import { refuseTarget } from './targets.ts';
import { ReplaySchemas } from './transform-schemas.ts';

/** A replay with all that makes it one certain plan. */
export interface FixedReplay {
  readonly replay: Replay;
  readonly id: string;
  /** When it was planned, in milliseconds. */
  readonly at: number;
  readonly ranges: readonly PlannedRange[];
}

/** What becomes of letters of one window, in the order in which they are written. */
export interface DecidedLetters {
  readonly range: PlannedRange;
  /** The offset behind the window. */
  readonly next: bigint;
  /** False while more letters of the window follow; what is told of the window as a whole is 0 until then. */
  readonly isEnd: boolean;
  readonly read: number;
  readonly lost: bigint;
  readonly decisions: readonly Decision[];
  /** Groups of the letters by their offsets, where they are asked for and known. */
  readonly groups: ReadonlyMap<bigint, string>;
  /** Letters that come after later ones of the same partition, since the window is too small. */
  readonly late: number;
}

/** What is known of letters whose key has newer records in the topic they came from. */
export interface Outdated {
  readonly letters: KeyTable;
  /** Letters for which too much would have had to be read. */
  unknown: number;
}

/** The offsets that a replay covers at this moment: what is committed. @throws kafka.not_found */
export async function findRanges({ filter }: Replay, { link, signal }: ReplayTools): Promise<PlannedRange[]> {
  const about = await new TopicAdmin(link).describe(filter.topic, { signal });
  if (about === undefined) throw new LakewardenError('kafka.not_found', `Kafka: there is no topic ${filter.topic}`);
  const all = Array.from({ length: about.partitions }, (_, partition) => partition);
  const missing = filter.partitions?.find((partition) => partition >= about.partitions);
  if (missing !== undefined)
    throw new LakewardenError('kafka.not_found', `Kafka: topic ${filter.topic} has no partition ${missing}`);
  const wanted = all.filter((partition) => filter.partitions?.includes(partition) ?? true);
  const earliest = await listOffsets(link, filter.topic, wanted, 'earliest', { signal });
  const stable = await listOffsets(link, filter.topic, wanted, 'stable', { signal });
  const { first = 0n, last } = filter.offsets;
  return wanted.flatMap((partition) => {
    const start = greater(earliest.get(partition) ?? 0n, first);
    const end = (stable.get(partition) ?? 0n) - 1n;
    const range = { partition, first: start, last: last === undefined || last > end ? end : last };
    return range.first > range.last ? [] : [range];
  });
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Letters that are decided together: few, so that nothing of them lives for long. */
const decidedAtOnce = 2_000;

/** Goes through the plan and decides, some letters at a time; writes nothing. */
export async function* decideLetters(
  plan: FixedReplay,
  ledger: LedgerView,
  outdated: Outdated,
  tools: ReplayTools,
  asksGroups = false,
): AsyncGenerator<DecidedLetters> {
  const { replay, id, at, ranges } = plan;
  const targets = new Map<string, Target>();
  const schemas = await ReplaySchemas.open(replay, tools.registry);
  const deciding: DecideTools = {
    replay,
    plan: id,
    at,
    rules: tools.rules,
    declaredHeaders: declaredHeaders(replay, tools),
    target: (topic) => targets.get(topic),
    schemas,
    isOutdated: (letter) => replay.newerData === 'hold' && outdated.letters.has(letter),
  };
  const decider = new Decider(ledger, deciding);
  for (const range of ranges) {
    const newest = new Map<string, bigint>();
    for await (const { next, read, lost, letters, groups } of readWindows(range, replay, tools, asksGroups)) {
      await findTargets(letters, replay, targets, tools);
      if (replay.newerData !== 'ignore') await findOutdated(letters, plan, outdated, tools);
      const late = replay.order === 'key' ? countLate(letters, newest) : 0;
      for (let from = 0; from === 0 || from < letters.length; from += decidedAtOnce) {
        const some = letters.slice(from, from + decidedAtOnce).map(({ read: readAnew }) => readAnew());
        await schemas.learn(some);
        const decisions = some.map((letter) => decider.decide(letter));
        const isEnd = from + decidedAtOnce >= letters.length;
        const whole = isEnd ? { read, lost, late } : { read: 0, lost: 0n, late: 0 };
        yield { range, next, isEnd, ...whole, decisions, groups };
      }
    }
  }
}

function declaredHeaders({ filter }: Replay, { sources }: ReplayTools): string[] {
  const source = sources.find(({ topic }) => fitsPattern(filter.topic, topic));
  return Object.values(source?.fields ?? {}).flatMap((place) => ('header' in place ? [place.header] : []));
}

function countLate(letters: readonly SelectedLetter[], newest: Map<string, bigint>): number {
  let late = 0;
  const seen = new Map<string, bigint>();
  for (const { origin, record } of letters) {
    const { topic, partition, offset } = origin ?? {};
    if (partition === undefined || offset === undefined || record.key === null) continue;
    const source = `${partition} ${topic}`;
    const before = newest.get(source);
    if (before !== undefined && offset < before) late += 1;
    seen.set(source, greater(offset, seen.get(source) ?? 0n));
  }
  for (const [source, offset] of seen) newest.set(source, greater(offset, newest.get(source) ?? 0n));
  return late;
}

async function findTargets(
  letters: readonly SelectedLetter[],
  { to, filter }: Replay,
  known: Map<string, Target>,
  { link, rules, signal }: ReplayTools,
): Promise<void> {
  const names = new Set(to.topic === undefined ? letters.map(({ origin }) => origin?.topic) : [to.topic]);
  // Names come from letters, which may say anything: Kafka is asked once for all of a window that it would take.
  const topics = [...names].filter(
    (name): name is string =>
      name !== undefined &&
      /^[\w.-]{1,249}$/.test(name) &&
      !known.has(name) &&
      refuseTarget(name, filter.topic, rules) === undefined,
  );
  if (topics.length === 0) return;
  const admin = new TopicAdmin(link);
  for (const [name, { partitions }] of await admin.describeAll({ topics, signal }))
    known.set(name, { partitions, limits: await admin.limits(name, { signal }) });
}
