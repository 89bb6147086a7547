import type { CloudEventOut } from '#shared/events/event.ts';
import type { Announce } from '../announce.ts';
import type { TablePlan } from '../plan.ts';

/** What a run tells when all effects of a plan happen, in batches of its calls. */
export async function intendedEvents(
  plan: TablePlan,
  announce: Announce,
  partitionsPerCall: number,
): Promise<readonly CloudEventOut[]> {
  const events: CloudEventOut[] = [];
  const own = announce.through(async (event) => void events.push(event));
  const { create, evolve, add, change, drop, offsets } = plan;
  if (create !== undefined) await own.tableCreated(plan, create);
  if (evolve !== undefined) await own.tableEvolved(plan, evolve);
  for (const batch of chunks(add, partitionsPerCall)) await own.partitionsAdded(plan, batch);
  for (const batch of chunks(change, partitionsPerCall)) await own.partitionsChanged(plan, batch);
  for (const batch of chunks(drop, partitionsPerCall))
    await own.partitionsGone(
      plan,
      batch.map((partition) => ({ partition, body: {} })),
    );
  if (offsets !== undefined && events.length > 0) await own.filesJudged(plan, offsets);
  return events;
}

/** Cuts a list into pieces of at most `size`. */
export function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
