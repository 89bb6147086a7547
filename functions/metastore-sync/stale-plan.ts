import { LakewardenError } from '#shared/errors/error.ts';
import type { TablePlan } from './plan.ts';

/** The error plan.stale, after which a run looks again. */
export function stalePlan({ database, table }: TablePlan, reason: string, cause?: unknown): LakewardenError {
  const name = `${database}.${table}`;
  const message = `the plan for ${name} is not true any more: ${reason}`;
  return new LakewardenError('plan.stale', message, { details: { table: name }, cause });
}
