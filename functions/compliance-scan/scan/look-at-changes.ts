import { LakewardenError } from '#shared/errors/error.ts';
import { type ActiveRule, Evaluation } from '../evaluate.ts';
import type { Change, Reference, Source } from '../inventory/source.ts';
import type { Resource } from '../model/resource.ts';
import type { Verdict } from '../model/verdict.ts';
import { planScope, isAnything, type ScopeLook } from '../plan.ts';
import type { ScopeState } from '../state/scope-state.ts';
import { type Settled, applyLook } from '../apply.ts';
import { needsOf } from './batches.ts';
import type { ScanTools } from './scan-batch.ts';

/** A change, and whose it is. */
export interface FoundChange {
  readonly source: Source;
  readonly change: Change;
}

/** What came of looking at changes. */
export interface ChangesOutcome {
  readonly settled: readonly Settled[];
  /** Ids of rules that the changes concern and that only a sweep can judge. */
  readonly waiting: readonly string[];
}

/**
 * Looks at what is said to have changed, each thing once, as it is now: an event that is late, early or doubled makes no
 * difference. Rules that must know other resources wait for a sweep.
 * @throws what reading fails by, after the others were done; inventory.* and the codes of the systems' clients
 */
export async function lookAtChanges(changes: readonly FoundChange[], tools: ScanTools): Promise<ChangesOutcome> {
  const judged = new Set(tools.rules.flatMap(({ rule }) => rule.kinds));
  const worth = changes.filter(({ change }) => judged.has(change.reference.kind));
  const once = new Map(worth.map((found) => [keyOf(found.change.reference), found]));
  const ended = await Promise.allSettled(
    [...once.values()].map((found) => tools.atOnce(() => lookAtChange(found, tools))),
  );
  const settled: Settled[] = [];
  for (const end of ended) {
    if (end.status === 'rejected') throw end.reason;
    settled.push(end.value);
  }
  const waiting = tools.rules.filter((active) => changes.some(({ change }) => isWaiting(active, change)));
  return { settled, waiting: waiting.map(({ rule }) => rule.id) };
}

async function lookAtChange({ source, change }: FoundChange, tools: ScanTools): Promise<Settled> {
  const { reference } = change;
  const { store, signal } = tools;
  const first = await store.load(reference, signal);
  if (change.resource !== undefined && !change.deleted && isNothingNew(first.state, change.resource, reference, tools))
    return { state: first.state, transitions: [] };
  // The state is loaded before the resource is read, so that whoever commits last has also read last.
  return await applyLook(
    first,
    async ({ state }) => conclude(reference, await source.read(reference, signal), state, tools),
    tools,
  );
}

/**
 * Most updates are heartbeats. What the event carries is believed in one case: when it would change nothing. If it is late, the
 * event of what came after it is on its way, or was here.
 */
function isNothingNew(state: ScopeState, resource: Resource, reference: Reference, tools: ScanTools): boolean {
  const plan = planScope(state, conclude(reference, resource, state, tools), tools.context);
  return !isAnything(plan) && state.untold.length === 0;
}

function conclude(
  reference: Reference,
  resource: Resource | undefined,
  state: ScopeState,
  tools: ScanTools,
): ScopeLook {
  const { scope, kind } = reference;
  if (resource !== undefined && resource.scope !== scope)
    throw new LakewardenError(
      'internal',
      `${resource.uid} is listed by ${resource.scope}, and its event says ${scope}`,
    );
  const known = [...state.findings.values()].map((finding) => finding.resource);
  const only = new Set(known.filter((one) => isMeant(one, reference, resource)).map(({ uid }) => uid));
  const base = { scope, kind, complete: true, whole: false };
  if (resource === undefined) {
    const judged = new Set(tools.rules.map(({ rule }) => rule.id));
    return { ...base, verdicts: [], seen: new Set(), only, judged };
  }
  const judging = tools.rules.filter((active) => active.rule.kinds.includes(kind) && needsOf(active).length === 0);
  const verdicts: Verdict[] = new Evaluation(judging, tools.surroundings).add(resource);
  const judged = new Set(judging.map(({ rule }) => rule.id));
  return { ...base, verdicts, seen: new Set([resource.uid]), only: only.add(resource.uid), judged };
}

/**
 * What the event is about; and when something has the name now, whatever had it before. An event about one that is gone says
 * nothing of what may have taken its name.
 */
function isMeant(
  known: Pick<Resource, 'uid' | 'name' | 'place'>,
  { uid, name, place }: Reference,
  now: Resource | undefined,
): boolean {
  if (known.uid === (uid ?? now?.uid)) return true;
  if (uid !== undefined && now === undefined) return false;
  return known.name === name && Object.entries(place).every(([key, value]) => known.place[key] === value);
}

function keyOf({ scope, uid, name, place }: Reference): string {
  return JSON.stringify([scope, uid ?? null, name, Object.entries(place)]);
}

function isWaiting(active: ActiveRule, { reference: { kind }, happening }: Change): boolean {
  const { kinds, triggers = [] } = active.rule;
  const needed = needsOf(active);
  if (needed.length > 0 && (kinds.includes(kind) || needed.includes(kind))) return true;
  return triggers.includes(happening) && !kinds.includes(kind);
}
