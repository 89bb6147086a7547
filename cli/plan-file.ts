import { readFileSync } from 'node:fs';
import type { Doorbell } from '#functions/metastore-sync/doorbell.ts';
import type { Plan, TablePlan } from '#functions/metastore-sync/plan.ts';
import { LakewardenError } from '#shared/errors/error.ts';

/** A plan as `plan --json` prints it: what was asked, and what would be done. */
export interface PlanFile {
  readonly doorbell: Doorbell;
  readonly tables: readonly unknown[];
  readonly problems: readonly unknown[];
}

/** The printed form of a plan: the same for the same state of the lake. */
export function printedPlan(doorbell: Doorbell, { tables, problems }: Plan): PlanFile {
  return { doorbell, tables: tables.map(printedTable), problems };
}

/** Reads a printed plan. @throws config.invalid when the file is none */
export function readPlanFile(file: string): PlanFile {
  const invalid = (reason: string): LakewardenError =>
    new LakewardenError('config.invalid', `${file} is not a plan from sync plan --json: ${reason}`, {
      details: { file },
    });
  let plan: Partial<PlanFile> | null;
  try {
    plan = JSON.parse(readFileSync(file, 'utf8')) as Partial<PlanFile> | null;
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const { doorbell, tables, problems } = plan ?? {};
  if (typeof doorbell?.type !== 'string' || !Array.isArray(tables) || !Array.isArray(problems))
    throw invalid('it lacks doorbell, tables or problems');
  return { doorbell, tables, problems };
}

/** @throws plan.stale unless the plan is exactly the approved one */
export function requireApproved(approved: PlanFile, plan: Plan): void {
  const now = printedPlan(approved.doorbell, plan);
  if (!isSame(approved.tables, now.tables) || !isSame(approved.problems, now.problems)) throw stale();
}

/** @throws plan.stale unless the table's plan is among the approved ones */
export function requireApprovedTable(approved: PlanFile, plan: TablePlan): void {
  if (!approved.tables.some((table) => isSame(table, printedTable(plan))))
    throw stale(`${plan.database}.${plan.table}`);
}

/** How far a walk or Kafka's log got, and how it was looked at, is a matter of the clock, not of the lake: nothing to approve. */
function printedTable(plan: TablePlan): unknown {
  const passing: readonly string[] = ['snapshot.unavailable', 'completeness.unknown'];
  const problems = plan.problems.filter(({ code }) => !passing.includes(code));
  const progress = {
    walkAgain: undefined,
    walkedUntil: undefined,
    cursor: undefined,
    offsets: undefined,
    way: undefined,
  };
  return { ...plan, ...progress, problems };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function stale(table = 'the lake'): LakewardenError {
  return new LakewardenError(
    'plan.stale',
    `the plan is not what would be done now: ${table} changed since it was made; plan again`,
    { details: { table } },
  );
}
