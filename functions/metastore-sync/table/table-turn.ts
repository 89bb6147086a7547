import type { ApplyTools } from '../apply.ts';
import type { Settings } from '../config.ts';
import type { TablePlan } from '../plan.ts';

/**
 * Does the work of a plan while no other run, of whatever instance, writes to the table, unless the settings say
 * that the metastore's locks are of no use. The work is told whether others wrote before it, since the plan was made.
 * @throws deadline.exceeded when others wrote all the time
 */
export async function takeTableTurn<Tools extends ApplyTools, T>(
  plan: TablePlan,
  tools: Tools,
  work: (tools: Tools, waited: boolean) => Promise<T>,
): Promise<T> {
  const { clients, settings, signal } = tools;
  if (!settings.metastore.locks || isOneCall(plan, settings)) return await work(tools, false);
  return await clients.metastore.exclusively(
    `${plan.database}.${plan.table}`,
    ({ lost, waited }) =>
      work({ ...tools, signal: signal === undefined ? lost : AbortSignal.any([signal, lost]), held: true }, waited),
    { waitMs: settings.metastore.turnSeconds * 1_000, signal },
  );
}

/** True for a plan that writes nothing but new partitions in one call: the metastore adds each of them once by itself. */
function isOneCall(plan: TablePlan, { partitionsPerCall }: Settings): boolean {
  const { create, evolve, add, change, drop, columnStatistics } = plan;
  if (create !== undefined || evolve !== undefined || columnStatistics !== undefined) return false;
  return add.length <= partitionsPerCall && change.length + drop.length === 0;
}
