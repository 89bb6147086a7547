import { asError, isError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import { commitMerge } from './concat/commit.ts';
import type { CommitTools } from './commit-tools.ts';
import { createEngine } from './engine/engine.ts';
import type { RemovedLeftover } from './leftovers/clear.ts';
import { clearPartition, type ClearingTools } from './leftovers/clear-partition.ts';
import { type Held, Lease, type MergeWork, newJournal } from './journal/journal.ts';
import { type Merge, type PartitionPlan, planPartition } from './plan.ts';
import type { Problem } from './problem.ts';
import { applyRewrites } from './rewrite/apply.ts';
import type { RewriteBudget } from './rewrite/budget.ts';
import type { Rewritten } from './rewrite/rewritten.ts';
import { settle } from './journal/settle.ts';
import { type SurveyTools, surveyPartition, type TopicView } from './survey.ts';
import type { PartitionView } from './view.ts';

/** What was done in one partition. */
export interface PartitionOutcome {
  readonly topic: string;
  readonly path: string;
  readonly merges: readonly MergeWork[];
  /** Left-over files of dead writers that were removed. */
  readonly removed: readonly RemovedLeftover[];
  readonly rewrites: readonly Rewritten[];
  readonly problems: readonly Problem[];
  /** True when something is left for a later run, for want of time. */
  readonly isLeft: boolean;
}

/** What performing the plans of partitions needs. */
export interface ApplyTools
  extends SurveyTools, Pick<CommitTools, 'owner' | 'onMerged' | 'onRewritten' | 'onBytes'>, ClearingTools {
  /** Once it is aborted nothing further is begun, a rewrite stops, and the run ends with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What may be written anew. */
  readonly budget: RewriteBudget;
  /** Told of each plan right before it is performed; what it throws stops that. */
  readonly onPlan?: (plan: PartitionPlan) => void;
}

const attempts = 5;
/** Files that HDFS may refuse in one partition before it is given up for this run: each costs a whole attempt. */
const maxRefused = 20;

/** Plans one partition; writes nothing. */
export async function planFolder(path: string, topic: TopicView, tools: SurveyTools): Promise<PartitionPlan> {
  return planPartition(await surveyPartition(path, topic, tools));
}

/**
 * Finishes what earlier runs left in a partition, merges, writes anew, then clears away. When the files change under our
 * hands, they are looked at again; a file that is refused is left out, and the others go on.
 */
export async function applyFolder(path: string, topic: TopicView, tools: ApplyTools): Promise<PartitionOutcome> {
  const merges: MergeWork[] = [];
  const rewrites: Rewritten[] = [];
  const refused = new Map<string, Problem>();
  const faults: Problem[] = [];
  const about = { topic: topic.settings.topic, path };
  const commitTools = toolsForCommit(tools, (error) =>
    faults.push({ ...about, code: 'merge.unverified', message: error.message }),
  );
  for (let attempt = 1; ; attempt += 1) {
    const plan = planPartition(without(await surveyPartition(path, topic, tools), refused));
    const found = [...plan.problems, ...faults];
    const outcome = { ...about, merges, rewrites, removed: [], problems: found, isLeft: false };
    try {
      tools.onPlan?.(plan);
    } catch (error) {
      // Without what HDFS refused, the plan is no longer the approved one; the refusal is the reason, and is told.
      if (refused.size > 0 && isError(error, 'plan.stale')) return outcome;
      throw error;
    }
    if (plan.unsettled.length > 0 && attempt < attempts) {
      const held = await settlePartition(path, commitTools);
      if (held !== undefined) return { ...outcome, problems: [...outcome.problems, busy(about, held)] };
      continue;
    }
    try {
      for (const merge of plan.merges) {
        tools.signal?.throwIfAborted();
        const end = await commitOne(path, merge, topic, commitTools, refused);
        if (end === 'refused') throw new Replan();
        if ('held' in end) return { ...outcome, problems: [...outcome.problems, busy(about, end.held)] };
        merges.push(end.done);
      }
      const record = { done: rewrites, refused };
      const end = await applyRewrites(path, about.topic, plan.rewrites, record, tools.budget, commitTools);
      const told = [...new Set([...outcome.problems, ...refused.values()])];
      if ('held' in end) return { ...outcome, problems: [...told, busy(about, end.held)] };
      const { removed, problems, held } = await clearPartition(
        path,
        plan.leftovers,
        topic.settings,
        commitTools,
        tools,
      );
      const all = [...told, ...problems, ...(held === undefined ? [] : [busy(about, held)])];
      return { ...outcome, ...end, removed, problems: all };
    } catch (error) {
      // A file that vanished is one of a plan that is not true any more.
      if (!(error instanceof Replan) && !isError(error, 'plan.stale', 'hdfs.not_found')) throw error;
      if (attempt < attempts + refused.size) continue;
      const message = `${path} changes all the time: ${asError(error).message}`;
      return { ...outcome, problems: [...outcome.problems, { ...about, code: 'partition.changed', message }] };
    }
  }
}

class Replan extends Error {}

/** Performs a merge; a file that speaks against it is remembered as refused. */
async function commitOne(
  folder: string,
  merge: Merge,
  topic: TopicView,
  tools: CommitTools,
  refused: Map<string, Problem>,
): Promise<Awaited<ReturnType<typeof commitMerge>> | 'refused'> {
  try {
    return await commitMerge(folder, topic.settings.topic, merge, tools);
  } catch (thrown) {
    const error = asError(thrown);
    const isOfFile = error.code.startsWith('parquet.') || error.details['operation'] === 'CONCAT';
    if (error.disposition !== 'reject' || !isOfFile || refused.size >= maxRefused) throw thrown;
    // HDFS names the file that it refuses last; when it names none, the target goes, so that the rest comes through.
    const named = [merge.target, ...merge.sources].map(({ name }) => {
      const file = childPath(folder, name);
      return { name, path: file, at: error.message.lastIndexOf(file) + file.length };
    });
    const { name, path } = named.reduce((last, file) => (file.at > last.at ? file : last));
    const code = error.code.startsWith('parquet.') ? 'file.unreadable' : 'merge.refused';
    const message = `${path} is left as it is: ${error.message}`;
    refused.set(name, { code, topic: topic.settings.topic, path, message });
    return 'refused';
  }
}

/** A view in which the refused files are no candidates. */
function without(view: PartitionView, refused: ReadonlyMap<string, Problem>): PartitionView {
  const files = view.files.map((file) => {
    if (!refused.has(file.name)) return file;
    const { candidate: _candidate, rewritable: _rewritable, ...listed } = file;
    return listed;
  });
  return { ...view, files, problems: [...view.problems, ...refused.values()] };
}

async function settlePartition(path: string, tools: CommitTools): Promise<Held | undefined> {
  const lease = new Lease(tools.hdfs, path, newJournal({ kind: 'settle' }, tools.owner, tools.leaseSeconds));
  const held = await lease.acquire();
  if (held !== undefined) return held;
  try {
    await settle(path, lease, tools);
  } finally {
    // This journal tells of no work; those that do are still there.
    await lease.release(true);
  }
  return undefined;
}

/** What commits need of the tools and settings of a run. */
export function toolsForCommit(
  tools: SurveyTools & Pick<ApplyTools, 'owner' | 'onMerged' | 'onRewritten' | 'onBytes' | 'signal'>,
  onFault: (error: Error) => void,
): CommitTools {
  const { hdfs, reader, settings, owner, onMerged, onRewritten, onBytes, signal } = tools;
  const { leaseSeconds, concurrency, verifyPieces } = settings;
  return {
    hdfs,
    reader,
    owner,
    leaseSeconds,
    concurrency,
    verifyPieces,
    engine: createEngine(settings),
    onMerged,
    onRewritten,
    onBytes,
    signal,
    onFault: (_, error) => onFault(error),
  };
}

function busy(about: { topic: string; path: string }, { owner, secondsLeft }: Held): Problem {
  const message = `${about.path} is being worked on by ${owner}: its time is over in ${secondsLeft} s`;
  return { ...about, code: 'partition.busy', message };
}
