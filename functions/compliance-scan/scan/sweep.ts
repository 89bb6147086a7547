import type { LakewardenError } from '#shared/errors/error.ts';
import type { ActiveRule } from '../evaluate.ts';
import type { Source } from '../inventory/source.ts';
import { applyLook } from '../apply.ts';
import type { KnownScope } from '../state/store.ts';
import { unusedRule, waiverKind, waiverScope } from '../waivers/waiver-resource.ts';
import { createWaiverSource } from '../waivers/waiver-source.ts';
import type { Waivers } from '../waivers/waivers.ts';
import { type FoundScope, kindsOf, planBatches } from './batches.ts';
import { tellable } from './listing.ts';
import { scanBatch, type ScanTools, type ScopeOutcome } from './scan-batch.ts';

/** What a sweep looks at; what is left out is everything. */
export interface SweepRequest {
  /** Ids of rules. */
  readonly rules?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Ids of listings. */
  readonly scopes?: readonly string[] | undefined;
  /** The listings are what an earlier part of a whole sweep had no time for. */
  readonly continues?: EarlierParts | undefined;
}

/** What the later parts of a whole sweep must know of the earlier ones. */
export interface EarlierParts {
  /** True when all listings so far came to their ends. */
  readonly complete: boolean;
  /** Ids of waivers that findings needed. */
  readonly usedWaivers: readonly string[];
}

/** What a sweep needs. */
export interface SweepTools extends ScanTools {
  readonly sources: readonly Source[];
  readonly waivers: Waivers;
  /** False when no further batch should be begun; what is left is told in the outcome. */
  readonly hasTime: () => boolean;
  /** Told of each listing that was settled. */
  readonly onScope?: ((outcome: ScopeOutcome) => void) | undefined;
}

/** What a sweep did. */
export interface SweepOutcome {
  /** Listings that could not be looked at as a whole, in the order of their ids. */
  readonly incomplete: readonly IncompleteScope[];
  /** Listings for which there was no time. */
  readonly left: readonly string[];
  readonly scopes: number;
  readonly resources: number;
}

/** A listing that could not be looked at, or not to its end. */
export interface IncompleteScope {
  /** `<source>/*` when not even its listings could be found out. */
  readonly scope: string;
  readonly kind?: string;
  readonly error: LakewardenError;
}

/**
 * Looks at everything that is asked for. Whatever fails is reported and keeps nothing else from being looked at.
 * @throws what telling or storing fails by
 */
export async function sweep(request: SweepRequest, tools: SweepTools): Promise<SweepOutcome> {
  const rules = chooseRules(request, tools.rules);
  const { found, failed } = await findScopes(kindsOf(rules), tools);
  const incomplete: IncompleteScope[] = failed.map(({ name, error }) => ({ scope: `${name}/*`, error }));
  const unread = new Set([...kindsOf(rules)].filter((kind) => failed.some(({ name }) => isOf(kind, name))));
  const batches = planBatches(found, rules).filter(({ scopes }) => scopes.some((one) => isAsked(one, request)));
  const left: string[] = [];
  let [scopes, resources] = [0, 0];
  const done = (outcome: ScopeOutcome): void => {
    scopes += 1;
    resources += outcome.resources;
    const { scope, error } = outcome;
    if (error !== undefined) incomplete.push({ scope: scope.id, kind: scope.kind, error });
    tools.onScope?.(outcome);
  };
  await inTurns(batches, async (batch) => {
    tools.signal.throwIfAborted();
    if (!tools.hasTime()) left.push(...batch.scopes.map(({ scope }) => scope.id));
    else for (const outcome of await scanBatch(batch, unread, tools)) done(outcome);
  });
  const isAll = request.rules === undefined && request.kinds === undefined && request.scopes === undefined;
  if (isAll) await settleUnlisted(found, failed, tools);
  const isWhole = (isAll || request.continues !== undefined) && left.length === 0;
  const { complete = true, usedWaivers = [] } = request.continues ?? {};
  const used = new Set([...usedWaivers, ...tools.waivers.used]);
  if (isWhole || request.scopes === undefined)
    for (const outcome of await scanWaivers(
      isWhole && complete && incomplete.length === 0 ? used : undefined,
      rules,
      tools,
    ))
      done(outcome);
  return { incomplete: incomplete.toSorted((a, b) => (a.scope < b.scope ? -1 : 1)), left, scopes, resources };
}

/** Batches wait for listings of others most of the time, so a few go on at once; the states of few are in memory. */
const batchesAtOnce = 4;

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const turn = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: batchesAtOnce }, turn));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

/** Waivers come last, when it is known which of them are needed. Where that is not known, none is called unused. */
async function scanWaivers(
  used: ReadonlySet<string> | undefined,
  rules: readonly ActiveRule[],
  tools: SweepTools,
): Promise<ScopeOutcome[]> {
  const scopes = [{ source: createWaiverSource(tools.waivers, used), scope: { id: waiverScope, kind: waiverKind } }];
  const about = rules.filter(({ rule }) => rule.kinds.includes(waiverKind));
  const judging = about.filter(({ rule }) => used !== undefined || rule.id !== unusedRule);
  return judging.length === 0 ? [] : await scanBatch({ scopes, rules: judging }, new Set(), tools);
}

function chooseRules({ rules: ids, kinds }: SweepRequest, rules: readonly ActiveRule[]): ActiveRule[] {
  return rules
    .filter(({ rule }) => ids === undefined || ids.includes(rule.id))
    .filter(({ rule }) => kinds === undefined || rule.kinds.some((kind) => kinds.includes(kind)));
}

function isAsked({ scope }: FoundScope, { scopes, kinds }: SweepRequest): boolean {
  if (scopes !== undefined && !scopes.includes(scope.id)) return false;
  return kinds === undefined || kinds.includes(scope.kind);
}

async function findScopes(kinds: ReadonlySet<string>, { sources, signal }: SweepTools) {
  const found: FoundScope[] = [];
  const failed: { readonly name: string; readonly error: LakewardenError }[] = [];
  for (const source of sources) {
    try {
      for await (const scope of source.scopes(kinds, signal)) found.push({ source, scope });
    } catch (thrown) {
      signal.throwIfAborted();
      failed.push({ name: source.name, error: tellable(thrown) });
    }
  }
  return { found, failed };
}

/** Findings of listings that nobody asks for any more, such as those of a region that the settings no longer name. */
async function settleUnlisted(
  found: readonly FoundScope[],
  failed: readonly { readonly name: string }[],
  tools: SweepTools,
): Promise<void> {
  const listed = new Set([waiverScope, ...found.map(({ scope }) => scope.id)]);
  const isUnlisted = ({ scope, kind }: KnownScope): boolean =>
    !listed.has(scope) && !failed.some(({ name }) => isOf(kind, name));
  const judged = new Set(tools.rules.map(({ rule }) => rule.id));
  for (const known of (await tools.store.scopes(tools.signal)).filter(isUnlisted)) {
    const stored = await tools.store.load(known, tools.signal);
    const look = { ...known, complete: true, whole: false, verdicts: [], seen: new Set<string>(), judged };
    const settled = await applyLook(stored, () => Promise.resolve({ ...look, unlisted: true }), tools);
    if (settled.transitions.length === 0) continue;
    tools.onScope?.({ scope: { id: known.scope, kind: known.kind }, resources: 0, ...settled });
  }
}

function isOf(kind: string, source: string): boolean {
  return kind.startsWith(`${source}.`);
}
