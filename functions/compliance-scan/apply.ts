import { LakewardenError } from '#shared/errors/error.ts';
import type { Transition } from './state/finding.ts';
import { type PlanContext, planScope, isAnything, type ScopeLook } from './plan.ts';
import { changeState, resourcesBetween, type ScopeState } from './state/scope-state.ts';
import type { StateStore, Stored } from './state/store.ts';

/** What applying needs. */
export interface ApplyTools {
  readonly store: StateStore;
  readonly context: PlanContext;
  /** Tells transitions to the world, some at a time; undefined in a dry run, which writes nothing either. */
  readonly tell?: ((transitions: readonly Transition[]) => Promise<void>) | undefined;
  readonly signal: AbortSignal;
}

/** What a look came to. */
export interface Settled {
  readonly state: ScopeState;
  readonly transitions: readonly Transition[];
}

/** How often others may be quicker. */
const patience = 10;
/** Transitions that are told before it is written down that they are. */
const toldAtOnce = 500;

/**
 * Plans and writes what a look at a listing changes, anew until nobody else writes in between. Transitions are stored before
 * they are told, and crossed out after it: whoever is killed leaves them to the next run, which tells them with the same ids.
 * @throws busy when others write all the time
 */
export async function applyLook(
  first: Stored,
  look: (stored: Stored) => Promise<ScopeLook>,
  tools: ApplyTools,
): Promise<Settled> {
  const { store, context, tell, signal } = tools;
  let stored = first;
  for (let attempt = 0; attempt < patience; attempt += 1) {
    const plan = planScope(stored.state, await look(stored), context);
    if (tell === undefined) return { state: changeState(stored.state, plan.change), transitions: plan.transitions };
    if (stored.state.untold.length > 0) await tell(untoldOf(stored.state, Infinity));
    if (!isAnything(plan) && stored.state.untold.length === 0) return { state: stored.state, transitions: [] };
    const next = await store.commit(stored, plan.change, signal);
    if (next !== undefined) {
      await tellAll(next, { ...tools, tell });
      return { state: next.state, transitions: plan.transitions };
    }
    stored = await store.load(stored.state, signal);
  }
  throw new LakewardenError('busy', `the findings of ${first.state.scope} are changed by others all the time`);
}

/** The same look, for a run that cannot look again: what others told of in between is left to them. */
export function onceLooked(first: Stored, look: ScopeLook): (stored: Stored) => Promise<ScopeLook> {
  return (stored) => Promise.resolve({ ...look, aside: resourcesBetween(first.state, stored.state) });
}

async function tellAll(stored: Stored, { store, tell, signal }: ApplyTools & { tell: Tell }): Promise<void> {
  for (let at: Stored | undefined = stored; at !== undefined && at.state.untold.length > 0;) {
    await tell(untoldOf(at.state, toldAtOnce));
    // Whoever was quicker than this found the same transitions untold, and told them.
    at = await store.commit(at, { findings: new Map(), untold: at.state.untold.slice(toldAtOnce) }, signal);
  }
}

type Tell = NonNullable<ApplyTools['tell']>;

function untoldOf({ untold, findings }: ScopeState, atMost: number): Transition[] {
  return untold.slice(0, atMost).flatMap(({ id, ...told }) => {
    const finding = findings.get(id);
    return finding === undefined ? [] : [{ ...told, finding }];
  });
}
