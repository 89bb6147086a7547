import type { CloudEventOut } from '#shared/events/event.ts';
import { deliver } from '#shared/host/deliver.ts';
import type { Call, Outcome } from '#shared/host/function.ts';
import { scanEvent, tellTransitions } from './announce.ts';
import type { Request } from './doorbell.ts';
import type { ScanMetrics } from './metrics.ts';
import type { Problem } from './problem.ts';
import type { FollowUp } from './scan/follow-up.ts';
import { type FoundChange, lookAtChanges } from './scan/look-at-changes.ts';
import { type OpenScan, prepareRun } from './scan/open-scan.ts';
import { sweep, type SweepOutcome } from './scan/sweep.ts';
import { Tally } from './summary.ts';

/** What lives as long as the process. */
export interface Site {
  readonly open: OpenScan;
  readonly count: ScanMetrics;
  readonly followUp: FollowUp;
  readonly instance: string;
}

const shownProblems = 200;

/**
 * Looks at all that is asked for, as far as the time goes; for what is left there is an event to ourselves.
 * @throws busy, and what telling or storing fails by
 */
export async function runSweep(
  { request, dryRun, problems: odd }: Extract<Request, { kind: 'sweep' }>,
  { open, count, instance }: Site,
  call: Call,
): Promise<Outcome> {
  const { signal, deadline, log } = call;
  const now = Date.now();
  const emit = (event: CloudEventOut): Promise<void> => deliver(call, event);
  const tally = new Tally();
  // Half of the time is left for the listings that are under way when the time for new ones is over.
  const halfTime = now + (deadline - now) / 2;
  const { tools, problems: faulty } = await prepareRun(open, {
    now,
    signal,
    hasTime: () => Date.now() < halfTime,
    longestMs: (deadline - now) / 3,
    tell: dryRun ? undefined : tellTransitions(open.rules, instance, emit),
    onScope(outcome) {
      tally.add(outcome);
      if (!dryRun) count.settled(outcome);
    },
  });
  const outcome = await sweep(request, tools);
  const problems: Problem[] = [...odd, ...faulty, ...outcome.incomplete.map(problemOf)];
  for (const problem of problems) log.warn(problem, problem.message);
  const summary = tally.summarise(outcome);
  const body = { ...summary, problems: problems.slice(0, shownProblems) };
  if (dryRun) return { status: 'planned', body: { ...body, told: tally.shown } };
  count.swept(outcome);
  log.info({ outcome: summary }, `scan ${summary.status}`);
  const parts = [call.event.source, call.event.id];
  if (outcome.incomplete.length > 0)
    await emit(scanEvent(instance, 'scan.incomplete', describeIncomplete(outcome), parts));
  const { status: _status, ...numbers } = summary;
  await emit(scanEvent(instance, 'scan.completed', { ...numbers, complete: summary.status !== 'partial' }, parts));
  if (outcome.left.length > 0) {
    const usedWaivers = [...new Set([...(request.continues?.usedWaivers ?? []), ...tools.waivers.used])].toSorted();
    const complete = outcome.incomplete.length === 0 && request.continues?.complete !== false;
    const isWhole = request.continues !== undefined || Object.values(request).every((given) => given === undefined);
    const { rules, kinds } = request;
    const rest = { scopes: outcome.left, rules, kinds, ...(isWhole ? { continues: { complete, usedWaivers } } : {}) };
    // A sink that does not take this fails the call, so that its sender repeats it.
    await call.emit(scanEvent(instance, 'compliance-scan.resumed', rest, [...parts, outcome.left.length]));
  }
  return { status: summary.status, body };
}

/**
 * Looks at what is said to have changed; for rules that only a sweep can judge, an event asks for one.
 * @throws busy, inventory.*, the codes of the systems' clients, and what telling or storing fails by
 */
export async function runChanges(changes: readonly FoundChange[], site: Site, call: Call): Promise<Outcome> {
  if (changes.length === 0) return { status: 'nothing' };
  const { open, count, followUp, instance } = site;
  const now = Date.now();
  const tell = tellTransitions(open.rules, instance, (event) => deliver(call, event));
  const { tools, problems } = await prepareRun(open, { now, signal: call.signal, tell });
  const { settled, waiting } = await lookAtChanges(changes, tools);
  const tally = new Tally();
  for (const one of settled) {
    tally.add(one);
    count.settled(one);
  }
  for (const problem of problems) call.log.warn(problem, problem.message);
  const due = followUp.add(waiting, now);
  if (due.length > 0) {
    const parts = [call.event.source, call.event.id, ...due];
    await call.emit(scanEvent(instance, 'scan.requested', { rules: due }, parts));
  }
  const { isAnything, transitions } = tally;
  return { status: isAnything ? 'done' : 'nothing', body: { changes: settled.length, transitions } };
}

function problemOf({ scope, error }: SweepOutcome['incomplete'][number]): Problem {
  return { code: 'scope.incomplete', message: `${scope}: ${error.message}` };
}

function describeIncomplete({ incomplete }: SweepOutcome): object {
  const scopes = incomplete.slice(0, shownProblems).map(({ scope, kind, error: { code, message } }) => ({
    scope,
    ...(kind === undefined ? {} : { kind }),
    code,
    reason: message,
  }));
  return { incomplete: incomplete.length, scopes };
}
