import type { Finding, Transition } from './finding.ts';

/** What is known of the findings of one listing. */
export interface ScopeState {
  readonly scope: string;
  readonly kind: string;
  /** When a look at all of it came to its end, to within some hours; in milliseconds since 1970. */
  readonly seen?: number;
  readonly findings: ReadonlyMap<string, Finding>;
  /** Transitions that are decided and perhaps not told yet: whoever comes next tells them, with the same ids. */
  readonly untold: readonly Untold[];
}

/** A transition to be told; its finding is the one of the state. */
export interface Untold extends Omit<Transition, 'finding'> {
  readonly id: string;
}

/** What a run changes. */
export interface ScopeChange {
  /** Null takes a finding away. */
  readonly findings: ReadonlyMap<string, Finding | null>;
  readonly seen?: number;
  /** Takes the place of the untold transitions. */
  readonly untold: readonly Untold[];
}

/** The state of a listing that nobody has looked at. */
export function emptyState(scope: string, kind: string): ScopeState {
  return { scope, kind, findings: new Map(), untold: [] };
}

/** The state after a change. */
export function changeState(state: ScopeState, { findings, seen, untold }: ScopeChange): ScopeState {
  const after = new Map(state.findings);
  for (const [id, finding] of findings)
    if (finding === null) after.delete(id);
    else after.set(id, finding);
  return { ...state, ...(seen === undefined ? {} : { seen }), findings: after, untold };
}

/** Resources whose findings are not the same in both states. */
export function resourcesBetween(one: ScopeState, other: ScopeState): Set<string> {
  const resources = new Set<string>();
  const compare = (from: ScopeState, to: ScopeState): void => {
    for (const [id, { resource, revision }] of from.findings)
      if (to.findings.get(id)?.revision !== revision) resources.add(resource.uid);
  };
  compare(one, other);
  compare(other, one);
  return resources;
}
