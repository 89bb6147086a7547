import { readFileSync } from 'node:fs';
import type { Doorbell } from '#functions/partition-compaction/doorbell.ts';
import type { PartitionPlan } from '#functions/partition-compaction/plan.ts';
import type { RunPlan } from '#functions/partition-compaction/run.ts';
import { LakewardenError } from '#shared/errors/error.ts';

/** A plan as `compact plan --json` prints it: what was asked, and what would be done. */
export interface CompactionPlanFile {
  readonly doorbell: Doorbell;
  readonly partitions: readonly PartitionPlan[];
}

/** The printed form of a plan: the same for the same state of the lake. */
export function printedCompactionPlan(doorbell: Doorbell, { partitions }: RunPlan): CompactionPlanFile {
  return { doorbell, partitions };
}

/** Reads a printed plan. @throws config.invalid when the file is none */
export function readCompactionPlan(file: string): CompactionPlanFile {
  const invalid = (reason: string): LakewardenError =>
    new LakewardenError('config.invalid', `${file} is not a plan from compact plan --json: ${reason}`, {
      details: { file },
    });
  let plan: Partial<CompactionPlanFile> | null;
  try {
    plan = JSON.parse(readFileSync(file, 'utf8')) as Partial<CompactionPlanFile> | null;
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const { doorbell, partitions } = plan ?? {};
  if (typeof doorbell?.type !== 'string' || !Array.isArray(partitions))
    throw invalid('it lacks doorbell or partitions');
  if (
    !partitions.every(
      (one) => typeof one?.path === 'string' && Array.isArray(one.merges) && Array.isArray(one.rewrites),
    )
  )
    throw invalid('a partition of it lacks path, merges or rewrites');
  return { doorbell, partitions };
}

/** @throws plan.stale unless the partition's merges, rewrites and removals are approved ones; what died runs left may be settled at any time */
export function requireApprovedMerges(approved: CompactionPlanFile, plan: PartitionPlan): void {
  const known = new Set(approved.partitions.flatMap(changesOf));
  if (changesOf(plan).every((change) => known.has(change))) return;
  throw stale(plan.path);
}

/** @throws plan.stale unless the merges, rewrites and removals are exactly the approved ones */
export function requireApprovedPlan(approved: CompactionPlanFile, now: RunPlan): void {
  const [wanted, found] = [approved, now].map(({ partitions }) => partitions.flatMap(changesOf).toSorted());
  if (JSON.stringify(wanted) !== JSON.stringify(found)) throw stale('the lake');
}

/** Each change of a partition as a text of its own. */
function changesOf({ path, merges, rewrites, leftovers }: PartitionPlan): string[] {
  const removals = (leftovers?.files ?? []).filter(({ state }) => state === 'due');
  return [...merges, ...rewrites, ...removals].map((change) => JSON.stringify([path, change]));
}

function stale(path: string): LakewardenError {
  return new LakewardenError(
    'plan.stale',
    `the plan is not what would be done now: ${path} changed since it was made; plan again`,
    { details: { path } },
  );
}
