import { isError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { deliver } from '#shared/host/deliver.ts';
import type { Call } from '#shared/host/function.ts';
import type { ApplyTools } from '../apply.ts';
import { hasChanges, type TablePlan } from '../plan.ts';
import { intendedEvents } from './intended-events.ts';
import type { Outbox } from './outbox.ts';

/** Events that the next look at the lake tells again, or that only sum up others. */
const toldAgain = new Set(
  ['table.conflict', 'offsets.missing', 'partition.completed', 'lag.grown', 'sync.completed'].map(
    (name) => `dev.lakewarden.${name}`,
  ),
);

/**
 * Sends events, or keeps them, in their order: what they tell of has happened. Once as much waits as may, only effects are kept.
 * @throws LakewardenError `sink.unavailable` for an event that is not kept, so that its call is repeated
 */
export function tellOrKeep(
  { emit, log }: Pick<Call, 'emit' | 'log'>,
  signal: AbortSignal,
  outbox: Outbox,
): (event: CloudEventOut) => Promise<void> {
  const send = (event: CloudEventOut): Promise<void> => deliver({ emit: (own) => emit(own, signal), log }, event);
  let keeps = false;
  return async (event) => {
    try {
      if (!keeps) return await outbox.send(send, event);
    } catch (error) {
      if (!isError(error)) throw error;
      keeps = true;
      log.warn({ err: error }, 'events are kept until the sink takes them');
    }
    if (outbox.isFull && toldAgain.has(event.type)) {
      log.warn({ undelivered: event }, `the event ${event.type} is not kept, since too many wait`);
      throw outbox.refusal();
    }
    await outbox.keep(event);
  };
}

/** Performs a plan when what it is about to tell was written down, so that it is told even if this process is killed. */
export async function withIntent<T>(plan: TablePlan, tools: ApplyTools, perform: () => Promise<T>): Promise<T> {
  const { outbox, announce, settings } = tools;
  if (outbox === undefined || !hasChanges(plan)) return await perform();
  const intent = await outbox.intend(await intendedEvents(plan, announce, settings.partitionsPerCall));
  try {
    const result = await perform();
    await intent.end();
    return result;
  } catch (error) {
    // Whoever was overtaken knows what it has done and has told it. Otherwise it may be in doubt: that is looked at later.
    if (isError(error, 'plan.stale', 'metastore.modified')) await intent.end();
    throw error;
  }
}
