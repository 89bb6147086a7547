import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import { applyTable, type ApplyTools, type TableOutcome } from './apply.ts';
import type { TopicSettings } from './config.ts';
import type { Announce } from './announce.ts';
import type { Request, Scope } from './doorbell.ts';
import { lookAtOffsets } from './completeness/look-at-offsets.ts';
import { withIntent } from './outbox/keep-events.ts';
import { type Plan, planTable, type TablePlan } from './plan.ts';
import { isSerious, type Problem } from './problem.ts';
import { Snapshots } from './changes/snapshots.ts';
import { joinScopes, scopeAt } from './scope.ts';
import { type Clients, surveyTopic } from './survey.ts';
import { takeTableTurn } from './table/table-turn.ts';
import { chooseTopics } from './topics.ts';
import { Turns, type TurnsOptions } from './turns.ts';

/** What a run needs besides its request. */
export interface RunTools extends ApplyTools {
  /** The present, only used to tell partitions of the future. */
  readonly now: Date;
  /** False when no further topic should be begun; what is left is told in the outcome. */
  readonly hasTime?: () => boolean;
  /** Told of each topic when it is begun and when it is done. */
  readonly onProgress?: (step: Progress) => void;
  /** Shared by runs that are under way at once; a run alone needs none. */
  readonly turns?: TopicTurns;
  /** Announces for a turn that may outlive the run that asked for it first. */
  readonly announceUntil?: (signal: AbortSignal) => Announce;
}

/** The turns that runs take at topics. */
export type TopicTurns = Turns<TopicAsk, TableOutcome & { readonly calls: Calls }>;

interface TopicAsk {
  readonly topic: TopicSettings;
  readonly scope: Scope;
  readonly tools: RunTools;
}

/** A step of a run, for people who wait. */
export type Progress =
  | { readonly topic: string; readonly step: 'survey'; readonly index: number; readonly total: number }
  | { readonly topic: string; readonly step: 'planned'; readonly plan: TablePlan }
  | { readonly topic: string; readonly step: 'applied'; readonly outcome: TableOutcome };

/** Remote calls made. */
export interface Calls {
  readonly hdfs: number;
  readonly metastore: number;
}

/** What was done to one table, and what it cost. */
export interface TopicOutcome extends TableOutcome {
  readonly calls: Calls;
  /** Runs that this look at the topic was shared by. */
  readonly requests: number;
  /** True when another of them tells of it. */
  readonly shared?: true;
}

/** What a run did. */
export interface RunOutcome {
  readonly tables: readonly TopicOutcome[];
  /** What concerns no single table, and what was wrong with the request. */
  readonly problems: readonly Problem[];
  /** Topics that were not begun for want of time. */
  readonly left: readonly string[];
  readonly calls: Calls;
}

/** Plans every topic of the request, writes nothing. */
export async function planRun(request: Request, tools: RunTools): Promise<Plan & Pick<RunOutcome, 'left' | 'calls'>> {
  const tables: TablePlan[] = [];
  const plan = (topic: TopicSettings, scope: Scope): Promise<unknown> =>
    planTopic(topic, scope, tools).then((table) => tables.push(table));
  const [rest, calls] = await countCalls(tools.clients, () => eachTopic(request, tools, plan, () => false));
  return { tables, ...rest, calls };
}

/**
 * Plans and applies topic by topic: one that fails blocks no other. With `turns`, runs that want the same of a topic at
 * once share one look at it.
 * @throws what a topic failed by that may go well the next time, after the others were done; busy when too many runs wait
 */
export async function applyRun(request: Request, tools: RunTools): Promise<RunOutcome> {
  const turns = tools.turns ?? topicTurns();
  const tables: TopicOutcome[] = [];
  // A walk takes long and is no reason for an event to wait, so only who asks alike takes turns.
  const nameOf = (topic: TopicSettings, { kind }: Scope): string => `${kind} ${topic.topic}`;
  const apply = async (topic: TopicSettings, scope: Scope): Promise<void> => {
    const weight = scope.kind === 'paths' ? scope.paths.length : 1;
    const ask = { topic, scope, tools };
    const { outcome, requests, first } = await turns.take(nameOf(topic, scope), ask, tools.signal, weight);
    tables.push({ ...outcome, requests, ...(first ? {} : { shared: true }) });
  };
  const isBusy = (topic: TopicSettings): boolean => turns.isBusy(nameOf(topic, request.scope));
  const [rest, calls] = await countCalls(tools.clients, () => eachTopic(request, tools, apply, isBusy));
  const own = tables.filter(({ shared }) => shared === undefined).map((table) => table.calls);
  const total = (system: keyof Calls): number => own.reduce((sum, made) => sum + made[system], calls[system]);
  return { tables, ...rest, calls: { hdfs: total('hdfs'), metastore: total('metastore') } };
}

/** Makes the turns of a process. */
export function topicTurns(options?: TurnsOptions): TopicTurns {
  return new Turns(applyTurn, options);
}

/** One look at a topic for all who asked, and what follows from it. */
async function applyTurn(
  asks: readonly [TopicAsk, ...TopicAsk[]],
  signal: AbortSignal,
): Promise<TableOutcome & { readonly calls: Calls }> {
  const [{ topic, tools }] = asks;
  const announce = tools.announceUntil?.(signal) ?? tools.announce;
  const { now } = asks.at(-1)?.tools ?? tools;
  const scopes = asks.map((ask) => ask.scope) as [Scope, ...Scope[]];
  const scope = joinScopes(scopes, tools.settings);
  const [outcome, calls] = await countCalls(tools.clients, () =>
    applyTopic(topic, scope, { ...tools, announce, now, signal }),
  );
  return { ...outcome, calls };
}

async function eachTopic(
  request: Request,
  { clients, settings, onProgress, hasTime, signal }: RunTools,
  work: (topic: TopicSettings, scope: Scope) => Promise<unknown>,
  isBusy: (topic: TopicSettings) => boolean,
): Promise<Pick<RunOutcome, 'problems' | 'left'>> {
  const { scope } = request;
  const { topics, problems } = await chooseTopics(clients.hdfs, settings, scope);
  const waiting = [...topics];
  const left: string[] = [];
  let trouble: LakewardenError | undefined;
  let inARow = 0;
  for (const index of topics.keys()) {
    signal?.throwIfAborted();
    // A topic that somebody else is at work on comes after the others.
    const free = waiting.findIndex((topic) => !isBusy(topic));
    const [topic] = waiting.splice(Math.max(0, free), 1);
    if (topic === undefined) break;
    // The first topic is always begun, so that a chain of resumed runs comes to its end.
    if (index > 0 && hasTime?.() === false) {
      left.push(topic.topic);
      continue;
    }
    onProgress?.({ topic: topic.topic, step: 'survey', index, total: topics.length });
    try {
      await work(topic, scopeAt(topic, scope));
      inARow = 0;
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = asError(thrown);
      const message = `the topic ${topic.topic} failed: ${error.message}`;
      if (error.disposition === 'reject') {
        problems.push({ code: 'topic.failed', topic: topic.topic, message });
        continue;
      }
      trouble ??= new LakewardenError(error.code, message, {
        details: { ...error.details, topic: topic.topic },
        cause: error,
      });
      // One topic may lie on a lost block. When the next one fails, too, a service is in trouble, and others would wait in vain.
      inARow += 1;
      if (inARow === 2) break;
    }
  }
  if (trouble !== undefined) throw trouble;
  return { problems: [...request.problems, ...problems], left };
}

/** Does work and tells how many calls it made. */
async function countCalls<T>({ hdfs, metastore }: Clients, work: () => Promise<T>): Promise<[T, Calls]> {
  const [[result, ofMetastore], ofHdfs] = await hdfs.counter.during(() => metastore.counter.during(work));
  return [result, { hdfs: ofHdfs, metastore: ofMetastore }];
}

async function planTopic(topic: TopicSettings, scope: Scope, tools: RunTools): Promise<TablePlan> {
  const { clients, settings } = tools;
  const view = await surveyTopic(clients, settings, topic, scope, tools.now, tools.snapshots);
  const changes = planTable(view);
  const thoroughness = scope.kind === 'paths' ? 'touched' : scope.kind === 'full' ? 'all' : 'seen';
  const plan = { ...changes, ...(await lookAtOffsets(clients, settings, view, changes, thoroughness)) };
  tools.onProgress?.({ topic: topic.topic, step: 'planned', plan });
  return plan;
}

async function applyTopic(topic: TopicSettings, scope: Scope, tools: RunTools): Promise<TableOutcome> {
  const snapshots = new Snapshots(tools.clients.hdfs, topic);
  try {
    return await planAndApply(topic, scope, { ...tools, snapshots });
  } finally {
    await snapshots.settle();
  }
}

async function planAndApply(topic: TopicSettings, scope: Scope, tools: RunTools): Promise<TableOutcome> {
  const look = async (): Promise<TablePlan> => {
    const plan = await planTopic(topic, scope, tools);
    await tools.announce.conflicts(plan);
    return plan;
  };
  const isQuick = scope.kind === 'paths' || scope.kind === 'recent';
  for (let attempt = 1; ; attempt += 1) {
    const plan = await look();
    try {
      const outcome = await takeTableTurn(plan, tools, async (own, waited) => {
        // Whoever we waited for may have done it all. To walk once more takes longer than to find out partition by partition.
        const latest = waited && isQuick ? await look() : plan;
        return withIntent(latest, own, () => applyTable(latest, own));
      });
      tools.onProgress?.({ topic: topic.topic, step: 'applied', outcome });
      return outcome;
    } catch (error) {
      // Somebody else changed the table between our look and our write: look again.
      if (!isError(error, 'plan.stale', 'metastore.modified') || attempt === 5) throw error;
    }
  }
}

/** One word for a run: nothing to do, all done, or done in part (something was refused or is left). */
export function statusOf(outcome: RunOutcome): 'nothing' | 'done' | 'partial' {
  const serious = [...outcome.problems, ...outcome.tables.flatMap((table) => table.problems)].some(isSerious);
  if (serious || outcome.left.length > 0) return 'partial';
  const isDone = ({ created, evolved, added, changed, dropped }: TableOutcome): boolean =>
    created || evolved + added + changed + dropped > 0;
  return outcome.tables.some(isDone) ? 'done' : 'nothing';
}
