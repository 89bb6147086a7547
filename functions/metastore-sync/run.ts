import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import { applyTable, type ApplyTools, type TableOutcome } from './apply.ts';
import type { TopicSettings } from './config.ts';
import type { Request } from './doorbell.ts';
import { type Plan, planTable, type TablePlan } from './plan.ts';
import { isSerious, type Problem } from './problem.ts';
import { Snapshots } from './snapshots.ts';
import { type Clients, surveyTopic } from './survey.ts';
import { chooseTopics } from './topics.ts';

/** What a run needs besides its request. */
export interface RunTools extends ApplyTools {
  /** The present, only used to tell partitions of the future. */
  readonly now: Date;
  /** False when no further topic should be begun; what is left is told in the outcome. */
  readonly hasTime?: () => boolean;
  /** Told of each topic when it is begun and when it is done. */
  readonly onProgress?: (step: Progress) => void;
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
  const rest = await eachTopic(
    request,
    tools,
    async (topic) => void tables.push(await planTopic(topic, request, tools)),
  );
  return { tables, ...rest };
}

/**
 * Plans and applies topic by topic: one that fails blocks no other.
 * @throws what a topic failed by that may go well the next time, after the others were done
 */
export async function applyRun(request: Request, tools: RunTools): Promise<RunOutcome> {
  const tables: TopicOutcome[] = [];
  const rest = await eachTopic(request, tools, async (topic) => {
    const since = countCalls(tools.clients);
    const outcome = await applyTopic(topic, request, tools);
    tables.push({ ...outcome, calls: since() });
  });
  return { tables, ...rest };
}

async function eachTopic(
  request: Request,
  tools: RunTools,
  work: (topic: TopicSettings) => Promise<void>,
): Promise<Pick<RunOutcome, 'problems' | 'left' | 'calls'>> {
  const { clients, settings, onProgress, hasTime, signal } = tools;
  const since = countCalls(clients);
  const { topics, problems } = await chooseTopics(clients.hdfs, settings, request.scope);
  const left: string[] = [];
  let trouble: LakewardenError | undefined;
  let inARow = 0;
  for (const [index, topic] of topics.entries()) {
    signal?.throwIfAborted();
    // The first topic is always begun, so that a chain of resumed runs comes to its end.
    if (index > 0 && hasTime?.() === false) {
      left.push(topic.topic);
      continue;
    }
    onProgress?.({ topic: topic.topic, step: 'survey', index, total: topics.length });
    try {
      await work(topic);
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
  return {
    problems: [...request.problems, ...problems],
    left,
    calls: since(),
  };
}

/** Counts the calls of clients from now on. Runs that share them overlap, so the count may hold some of another run. */
function countCalls({ hdfs, metastore }: Clients): () => Calls {
  const before = { hdfs: hdfs.calls, metastore: metastore.calls };
  return () => ({ hdfs: hdfs.calls - before.hdfs, metastore: metastore.calls - before.metastore });
}

async function planTopic(topic: TopicSettings, request: Request, tools: RunTools): Promise<TablePlan> {
  const { scope } = request;
  const own =
    scope.kind === 'paths'
      ? { ...scope, paths: scope.paths.filter((path) => `${path}/`.startsWith(`${topic.location}/`)) }
      : scope;
  const plan = planTable(await surveyTopic(tools.clients, tools.settings, topic, own, tools.now, tools.snapshots));
  tools.onProgress?.({ topic: topic.topic, step: 'planned', plan });
  return plan;
}

async function applyTopic(topic: TopicSettings, request: Request, tools: RunTools): Promise<TableOutcome> {
  const snapshots = new Snapshots(tools.clients.hdfs, topic);
  try {
    return await planAndApply(topic, request, { ...tools, snapshots });
  } finally {
    await snapshots.settle();
  }
}

async function planAndApply(topic: TopicSettings, request: Request, tools: RunTools): Promise<TableOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const plan = await planTopic(topic, request, tools);
    await tools.announce.conflicts(plan);
    try {
      const outcome = await applyTable(plan, tools);
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
