import { asError, LakewardenError } from '#shared/errors/error.ts';
import { findRecent } from '#shared/hdfs/partition-folders.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { parseOffsetName } from '#shared/lake/offset-name.ts';
import type { Announce } from './announce.ts';
import { applyFolder, type ApplyTools, type PartitionOutcome, planFolder } from './apply.ts';
import { type Candidate, chooseTopics, compareCandidates, findCandidates, type FindTools } from './candidates.ts';
import type { TopicSettings } from './config.ts';
import type { Request } from './doorbell.ts';
import { Pins } from './pins.ts';
import { kafkaPartition, type PartitionPlan } from './plan.ts';
import { isSerious, type Problem } from './problem.ts';
import { RewriteBudget } from './rewrite/budget.ts';
import type { Rewritten } from './rewrite/rewritten.ts';
import type { TopicView } from './survey.ts';

/** What a run needs besides its request. */
export interface RunTools
  extends FindTools, Omit<ApplyTools, 'onMerged' | 'onRewritten' | 'onBytes' | 'budget' | 'onRemoved' | 'removals'> {
  readonly announce: Announce;
  /** Milliseconds until the run is stopped; without it there is no hurry. */
  readonly timeLeft?: () => number;
  /** False when no further partition should be begun; what is left is told in the outcome. */
  readonly hasTime?: () => boolean;
  /** Told of each partition when it is begun and when it is done. */
  readonly onProgress?: (step: Progress) => void;
}

/** A step of a run, for people who wait. */
export type Progress =
  | { readonly step: 'find'; readonly topic: string }
  | {
      readonly step: 'begin';
      readonly path: string;
      readonly index: number;
      readonly total: number;
      readonly files: number;
    }
  | { readonly step: 'merged'; readonly path: string; readonly files: number; readonly bytes: number }
  | { readonly step: 'rewriting'; readonly path: string; readonly written: number; readonly bytes: number }
  | { readonly step: 'rewritten'; readonly path: string; readonly rewritten: Rewritten };

/** What a run would do. */
export interface RunPlan {
  readonly partitions: readonly PartitionPlan[];
  readonly problems: readonly Problem[];
  /** Partitions that were not looked at for want of time. */
  readonly left: readonly string[];
  readonly calls: number;
}

/** What a run did. */
export interface RunOutcome extends Omit<RunPlan, 'partitions'> {
  readonly partitions: readonly PartitionOutcome[];
}

/** Plans every partition of the request, writes nothing. Those are left out in which there is nothing to do or to tell. */
export async function planRun(request: Request, tools: RunTools): Promise<RunPlan> {
  const partitions: PartitionPlan[] = [];
  const rest = await eachPartition(request, tools, async ({ path }, topic) => {
    const plan = await planFolder(path, topic, tools);
    const found = plan.merges.length + plan.rewrites.length + plan.unsettled.length + plan.leftovers.files.length;
    if (found + plan.problems.length > 0 || plan.leftovers.work) partitions.push(plan);
    return { removed: plan.merges.reduce((sum, { sources }) => sum + sources.length, 0), isLeft: false };
  });
  return { partitions, ...rest };
}

/**
 * Plans and applies partition by partition: one that fails blocks no other.
 * @throws what a partition failed by that may go well the next time, after the others were done
 */
export async function applyRun(request: Request, tools: RunTools): Promise<RunOutcome> {
  const partitions: PartitionOutcome[] = [];
  const { announce, onProgress, settings, timeLeft } = tools;
  const budget = new RewriteBudget(settings.maxRewrittenBytesPerRun, timeLeft, settings.engine?.timeoutSeconds);
  const removals = { left: settings.maxLeftoversPerRun };
  const rest = await eachPartition(request, tools, async ({ path }, topic) => {
    const outcome = await applyFolder(path, topic, {
      ...tools,
      budget,
      removals,
      onRemoved: (folder, file) => announce.removed(folder, file),
      onBytes: (file, written, bytes) => onProgress?.({ step: 'rewriting', path: file, written, bytes }),
      async onRewritten(folder, rewritten) {
        onProgress?.({ step: 'rewritten', path, rewritten });
        await announce.rewritten(folder, rewritten);
      },
      async onMerged(folder, work) {
        const { merge, tailBytes } = work;
        onProgress?.({ step: 'merged', path, files: merge.sources.length + 1, bytes: merge.bytes + tailBytes });
        await announce.compacted(folder, work);
      },
    });
    await announce.refused(outcome.topic, path, outcome.problems);
    const { merges, rewrites, removed, problems, isLeft } = outcome;
    if (merges.length + rewrites.length + removed.length + problems.length > 0) partitions.push(outcome);
    return { removed: merges.reduce((sum, { merge }) => sum + merge.sources.length, 0), isLeft };
  });
  return { partitions, ...rest };
}

/** The partitions of a request that are worth a look, those first that lose most files. */
export async function findAllCandidates(
  request: Request,
  tools: Pick<RunTools, keyof FindTools | 'onProgress' | 'signal'>,
): Promise<{ candidates: Candidate[]; problems: Problem[] }> {
  const { topics, problems } = await chooseTopics(tools, request.scope);
  const candidates: Candidate[] = [];
  for (const topic of topics) {
    tools.signal?.throwIfAborted();
    tools.onProgress?.({ step: 'find', topic: topic.topic });
    candidates.push(...(await findCandidates(topic, request.scope, tools, (problem) => problems.push(problem))));
  }
  return { candidates: candidates.toSorted(compareCandidates), problems: [...request.problems, ...problems] };
}

async function eachPartition(
  request: Request,
  tools: RunTools,
  work: (candidate: Candidate, topic: TopicView) => Promise<{ removed: number; isLeft: boolean }>,
): Promise<Pick<RunPlan, 'problems' | 'left' | 'calls'>> {
  const { hdfs, settings, hasTime, signal, onProgress } = tools;
  const before = hdfs.calls;
  const { candidates, problems } = await findAllCandidates(request, tools);
  const topics = new Map<string, Promise<TopicView>>();
  const left: string[] = [];
  let [removed, inARow] = [0, 0];
  let trouble: LakewardenError | undefined;
  for (const [index, candidate] of candidates.entries()) {
    signal?.throwIfAborted();
    const { path, topic, small } = candidate;
    // The first partition is always begun, so that a chain of resumed runs comes to its end.
    if (index > 0 && (hasTime?.() === false || removed >= settings.maxFilesPerRun)) {
      left.push(path);
      continue;
    }
    onProgress?.({ step: 'begin', path, index, total: candidates.length, files: small });
    try {
      if (!topics.has(topic.topic)) topics.set(topic.topic, viewTopic(topic, tools));
      const end = await work(candidate, (await topics.get(topic.topic)) as TopicView);
      removed += end.removed;
      if (end.isLeft) left.push(path);
      inARow = 0;
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = asError(thrown);
      const message = `the partition ${path} failed: ${error.message}`;
      if (error.disposition === 'reject' || error.code === 'plan.stale') {
        problems.push({ code: 'partition.failed', topic: topic.topic, path, message });
        continue;
      }
      trouble ??= new LakewardenError(error.code, message, { details: { ...error.details, path }, cause: error });
      // One partition may lie on a lost block. When the next one fails, too, HDFS is in trouble, and others would wait in vain.
      inARow += 1;
      if (inARow === 2) break;
    }
  }
  if (trouble !== undefined) throw trouble;
  return { problems, left, calls: hdfs.calls - before };
}

/** What the partitions of a topic have in common; the newest folders are listed when somebody asks for their offsets. */
async function viewTopic(settings: TopicSettings, tools: RunTools): Promise<TopicView> {
  const { hdfs } = tools;
  let newest: Promise<readonly { path: string; offsets: ReadonlyMap<string, bigint> }[]> | undefined;
  return {
    settings,
    now: await hdfs.serverTime(),
    pins: new Pins(hdfs, settings.location),
    async offsetsElsewhere(path) {
      newest ??= newestOffsets(settings, tools);
      const highest = new Map<string, bigint>();
      for (const folder of await newest)
        if (folder.path !== path) for (const [partition, last] of folder.offsets) raise(highest, partition, last);
      return highest;
    },
  };
}

async function newestOffsets(
  settings: TopicSettings,
  { hdfs, now }: RunTools,
): Promise<{ path: string; offsets: ReadonlyMap<string, bigint> }[]> {
  const folders = [];
  for await (const { path } of findRecent(hdfs, settings, settings.policy.latePartitions + 2, now, () => {})) {
    const offsets = new Map<string, bigint>();
    for await (const { name, type } of hdfs.list(path)) {
      const span = type === 'FILE' && !isHiddenName(name) ? parseOffsetName(name) : undefined;
      if (span !== undefined) raise(offsets, kafkaPartition(span), span.last);
    }
    folders.push({ path, offsets });
  }
  return folders;
}

function raise(highest: Map<string, bigint>, partition: string, last: bigint): void {
  if (last > (highest.get(partition) ?? -1n)) highest.set(partition, last);
}

/** One word for a run: nothing to do, all done, or done in part (something was refused or is left). */
export function statusOf({ partitions, problems, left }: RunOutcome): 'nothing' | 'done' | 'partial' {
  const all = [...problems, ...partitions.flatMap((partition) => partition.problems)];
  if (all.some(isSerious) || left.length > 0) return 'partial';
  const didSomething = partitions.some(
    ({ merges, rewrites, removed }) => merges.length + rewrites.length + removed.length > 0,
  );
  return didSomething ? 'done' : 'nothing';
}
