import type { ActiveRule } from '../evaluate.ts';
import type { Source } from '../inventory/source.ts';
import type { Scope } from '../model/resource.ts';

/** A listing, and who lists it. */
export interface FoundScope {
  readonly source: Source;
  readonly scope: Scope;
}

/** Listings that are judged together, since rules need to know some of them to judge others. */
export interface Batch {
  readonly scopes: readonly FoundScope[];
  readonly rules: readonly ActiveRule[];
}

/** The kinds that rules judge or need. */
export function kindsOf(rules: readonly ActiveRule[]): Set<string> {
  return new Set(rules.flatMap(({ rule }) => [...rule.kinds, ...needsOf({ rule })]));
}

/** The kinds that a rule needs besides the one it judges. */
export function needsOf({ rule }: Pick<ActiveRule, 'rule'>): string[] {
  return (rule.needs ?? []).map(({ kind }) => kind);
}

/**
 * Cuts a sweep into pieces that can be done one by one, the small ones first: a listing alone, unless a rule with needs ties
 * kinds together.
 */
export function planBatches(found: readonly FoundScope[], rules: readonly ActiveRule[]): Batch[] {
  const leaders = tieKinds(rules);
  const batches: Batch[] = [];
  for (const [leader, scopes] of Map.groupBy(found, ({ scope }) => leaders.get(scope.kind) ?? '')) {
    // Nothing ties the kinds of these.
    const parts = leader === '' ? scopes.map((one) => [one]) : [scopes];
    for (const part of parts) batches.push({ scopes: part, rules: rulesFor(part, rules) });
  }
  return batches.toSorted((a, b) => a.scopes.length - b.scopes.length);
}

function rulesFor(scopes: readonly FoundScope[], rules: readonly ActiveRule[]): ActiveRule[] {
  const kinds = new Set(scopes.map(({ scope }) => scope.kind));
  return rules.filter(({ rule }) => rule.kinds.some((kind) => kinds.has(kind)));
}

/** For each kind that is tied to others, one that stands for all of them. */
function tieKinds(rules: readonly ActiveRule[]): Map<string, string> {
  const leaders = new Map<string, string>();
  const leaderOf = (kind: string): string => {
    const leader = leaders.get(kind) ?? kind;
    return leader === kind ? kind : leaderOf(leader);
  };
  for (const active of rules) {
    const needed = needsOf(active);
    if (needed.length === 0) continue;
    const [first = '', ...others] = [...active.rule.kinds, ...needed];
    const leader = leaderOf(first);
    leaders.set(leader, leader);
    for (const kind of others) leaders.set(leaderOf(kind), leader);
  }
  return new Map([...leaders.keys()].map((kind) => [kind, leaderOf(kind)]));
}
