import type { LimitFunction } from 'p-limit';
import type { LakewardenError } from '#shared/errors/error.ts';
import { type ActiveRule, Evaluation, type Surroundings } from '../evaluate.ts';
import type { Resource, Scope } from '../model/resource.ts';
import type { Verdict } from '../model/verdict.ts';
import type { ScopeLook } from '../plan.ts';
import { onceLooked, type Settled, applyLook, type ApplyTools } from '../apply.ts';
import type { Stored } from '../state/store.ts';
import { type Batch, type FoundScope, needsOf } from './batches.ts';
import type { RuleCounts } from './counts.ts';
import { listScope } from './listing.ts';

/** What scanning needs. */
export interface ScanTools extends ApplyTools {
  /** All rules that the settings use. */
  readonly rules: readonly ActiveRule[];
  readonly surroundings: Surroundings;
  readonly counts: RuleCounts;
  readonly limits: { readonly listingMs: number };
  /** How many listings go on at once, over all batches. */
  readonly atOnce: LimitFunction;
  /** Told of the progress of listings. */
  readonly onPage?: ((scope: Scope, resources: number) => void) | undefined;
}

/** What came of one listing. */
export interface ScopeOutcome extends Settled {
  readonly scope: Scope;
  readonly resources: number;
  /** Why it is not complete. */
  readonly error?: LakewardenError;
}

/** One listing while it is looked at. */
interface Looking {
  readonly found: FoundScope;
  readonly stored: Stored;
  readonly withFindings: ReadonlySet<string>;
  readonly seen: Set<string>;
  readonly verdicts: Verdict[];
}

/**
 * Scans listings that belong together. Nothing is concluded from what a listing that broke off does not show: neither that it
 * is gone, nor, by rules that need it, about others. `unread` are kinds that are known to be incomplete from before.
 */
export async function scanBatch(
  { scopes, rules }: Batch,
  unread: ReadonlySet<string>,
  tools: ScanTools,
): Promise<ScopeOutcome[]> {
  const { store, surroundings, counts, atOnce, limits, signal, onPage } = tools;
  const evaluation = new Evaluation(rules, surroundings);
  const looks = new Map<string, Looking>();
  const note = (verdict: Verdict): void => {
    counts.add(verdict);
    if (verdict.status !== 'pass') looks.get(verdict.resource.scope)?.verdicts.push(verdict);
  };
  const listed = await Promise.all(
    scopes.map((found) =>
      atOnce(async () => {
        const { scope } = found;
        const looking = await begin(found, tools);
        looks.set(scope.id, looking);
        const take = (resource: Resource): void => {
          if (looking.withFindings.has(resource.uid)) looking.seen.add(resource.uid);
          for (const verdict of evaluation.add(resource)) note(verdict);
        };
        const onEachPage = (resources: number): void => onPage?.(scope, resources);
        return { looking, ...(await listScope(found, take, { ...limits, signal, onPage: onEachPage })) };
      }),
    ),
  );
  const incomplete = new Set([...unread, ...missingKinds(rules, scopes)]);
  for (const { looking, error } of listed) if (error !== undefined) incomplete.add(looking.found.scope.kind);
  const undecided = new Set(rules.filter((one) => needsOf(one).some((kind) => incomplete.has(kind))).map(idOf));
  for (const verdict of evaluation.finish(incomplete)) if (!undecided.has(verdict.rule)) note(verdict);
  const outcomes: ScopeOutcome[] = [];
  for (const { looking, resources, error } of listed) {
    const { scope } = looking.found;
    const look = concludeLook(looking, rules, undecided, error === undefined, tools);
    const settled = await applyLook(looking.stored, onceLooked(looking.stored, look), { ...tools, store });
    outcomes.push({ scope, resources, ...(error === undefined ? {} : { error }), ...settled });
  }
  return outcomes;
}

async function begin(found: FoundScope, { store, signal }: ScanTools): Promise<Looking> {
  const { id, kind } = found.scope;
  const stored = await store.load({ scope: id, kind }, signal);
  const withFindings = new Set([...stored.state.findings.values()].map(({ resource }) => resource.uid));
  return { found, stored, withFindings, seen: new Set(), verdicts: [] };
}

/** A kind that no listing shows is not known to be empty. */
function missingKinds(rules: readonly ActiveRule[], scopes: readonly FoundScope[]): string[] {
  const listed = new Set(scopes.map(({ scope }) => scope.kind));
  return rules.flatMap(needsOf).filter((kind) => !listed.has(kind));
}

function concludeLook(
  { found, verdicts, seen }: Looking,
  rules: readonly ActiveRule[],
  undecided: ReadonlySet<string>,
  complete: boolean,
  tools: ScanTools,
): ScopeLook {
  const { id, kind } = found.scope;
  const judged = new Set(rules.map(idOf).filter((rule) => !undecided.has(rule)));
  const inUse = tools.rules.filter(({ rule }) => rule.kinds.includes(kind)).map(idOf);
  const whole = inUse.every((rule) => judged.has(rule));
  return { scope: id, kind, complete, verdicts, seen, judged, whole };
}

function idOf({ rule }: ActiveRule): string {
  return rule.id;
}
