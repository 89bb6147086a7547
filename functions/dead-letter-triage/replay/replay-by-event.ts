import { LakewardenError } from '#shared/errors/error.ts';
import type { Call, Outcome } from '#shared/host/function.ts';
import { Announce, triageEvent } from '../announce.ts';
import type { Clients } from '../clients.ts';
import type { Settings } from '../config.ts';
import { replayEvent } from './announce-replay.ts';
import { applyReplay } from './apply.ts';
import { openReplay } from './open-replay.ts';
import { readPlan } from './plan-file.ts';
import type { CountReplay } from './replay-metrics.ts';

/** The type of the event that brings a plan to replay. */
export const replayRequested = 'dev.lakewarden.replay.requested';

/**
 * Applies the plan that an event brings, as `replay plan --json` printed it.
 * @throws event.unsupported unless the settings allow it, event.invalid for what is no plan, plan.stale
 */
export async function replayByEvent(
  { event, deadline, signal, log, emit }: Call,
  settings: Settings,
  clients: Clients,
  instance: string,
  count: CountReplay,
): Promise<Outcome> {
  if (!settings.replay.byEvents)
    throw new LakewardenError('event.unsupported', 'plans of events are replayed with the setting replay.byEvents');
  const { plan: printed } = (event.data ?? {}) as { readonly plan?: unknown };
  const plan = readPlan(JSON.stringify(printed ?? null), 'data.plan', 'event.invalid');
  const started = Date.now();
  // Half of the time is left for the transaction that is under way, and for what the plan does while it waits.
  const until = started + (deadline - started) / 2;
  const announce = new Announce(emit, instance);
  const tools = openReplay(settings, clients, announce, { hasTime: () => Date.now() < until, signal });
  const outcome = await applyReplay(plan, tools);
  const { end, written, reason } = outcome;
  count(outcome, (Date.now() - started) / 1_000);
  log.info({ plan: plan.id, end, written, reason }, `replay ${end}`);
  const told = replayEvent(plan, outcome, instance);
  if (told !== undefined) await emit(told);
  if (end === 'left') {
    const parts = [plan.id, event.source, event.id, written];
    await emit(triageEvent(instance, 'replay.requested', { plan: printed }, parts, plan.id));
  }
  return { status: end === 'done' ? (written > 0 ? 'done' : 'nothing') : 'partial', body: outcome };
}
