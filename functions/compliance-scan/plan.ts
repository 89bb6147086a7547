import type { Verdict } from './model/verdict.ts';
import {
  type Because,
  type Content,
  contentOf,
  type Finding,
  isChanged,
  isRenamed,
  type Transition,
} from './state/finding.ts';
import type { ScopeChange, ScopeState } from './state/scope-state.ts';

/** What a run saw of one listing, or of single resources of it. */
export interface ScopeLook {
  readonly scope: string;
  readonly kind: string;
  /** False when the listing did not come to its end: then nothing is concluded from what is missing. */
  readonly complete: boolean;
  /** Everything that is not a pass. */
  readonly verdicts: readonly Verdict[];
  /** The uids that were there, at least of resources with findings. */
  readonly seen: ReadonlySet<string>;
  /** Rules that judged all that was seen. Of the others, nothing is resolved. */
  readonly judged: ReadonlySet<string>;
  /** True when all rules in use judged all resources. */
  readonly whole: boolean;
  /** When only single resources were looked at: their uids. */
  readonly only?: ReadonlySet<string>;
  /** Resources about which another run has told in the meantime, and which are left to it. */
  readonly aside?: ReadonlySet<string>;
  /** The listing is no longer asked for. */
  readonly unlisted?: boolean;
}

/** What a plan has to know besides a look. */
export interface PlanContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Versions of all rules that the settings use, also of those that this run leaves out. */
  readonly ruleVersions: ReadonlyMap<string, number>;
  /** The id of the waiver that holds now. */
  waiverOf(finding: Pick<Content, 'rule' | 'resource'>): string | undefined;
  /** Resolved findings are remembered for so long, in milliseconds. */
  readonly keepResolvedMs: number;
}

/** What a look changes: in what is known of the listing, and to be told of. */
export interface ScopePlan {
  readonly change: ScopeChange;
  readonly transitions: readonly Transition[];
}

/** Complete looks are written down when the last one that was is older than this, so that quiet runs write nothing. */
const seenToleranceMs = 6 * 3_600_000;

/**
 * Decides what has happened to findings. Pure. A finding that could not be judged this time stays as it was; it is resolved only
 * by a pass, a complete listing without it, or a rule that is no longer used. Waivers come last, for all findings of the listing.
 */
export function planScope(before: ScopeState, look: ScopeLook, context: PlanContext): ScopePlan {
  const findings = new Map<string, Finding | null>();
  const transitions: Transition[] = [];
  const take = (transition: Transition | undefined): void => {
    if (transition === undefined) return;
    findings.set(transition.finding.id, transition.finding);
    transitions.push(transition);
  };
  const contents = readContents(look, context);
  for (const [id, content] of contents) {
    const known = before.findings.get(id);
    if (known === undefined) take(open(content, context));
    else if (known.state === 'resolved') take(reopen(known, content, context));
    else {
      const kept = isWorse(known, content) ? known : { ...content, ...lifeOf(known) };
      const transition = update(known, kept, context);
      if (transition === undefined && isRenamed(known, kept)) findings.set(id, { ...known, resource: kept.resource });
      take(transition);
    }
  }
  for (const [id, known] of before.findings) {
    if (contents.has(id)) continue;
    if (known.state !== 'resolved') {
      const because = resolvedBy(known, look, context);
      take(because === undefined ? update(known, known, context) : resolve(known, because, context));
    } else if (known.changed < context.now - context.keepResolvedMs) findings.set(id, null);
  }
  const untold = transitions.map(({ finding, ...told }) => ({ id: finding.id, ...told }));
  const isSeen = look.complete && look.whole;
  const isDue = findings.size > 0 || (before.seen ?? 0) < context.now - seenToleranceMs;
  return { change: { findings, ...(isSeen && isDue ? { seen: context.now } : {}), untold }, transitions };
}

/** True when there is something to be written. */
export function isAnything({ change: { findings, seen } }: ScopePlan): boolean {
  return findings.size > 0 || seen !== undefined;
}

function readContents({ verdicts, aside }: ScopeLook, { ruleVersions }: PlanContext): Map<string, Content> {
  const contents = new Map<string, Content>();
  for (const verdict of verdicts) {
    const { status, rule, resource } = verdict;
    if (status === 'pass' || aside?.has(resource.uid) === true) continue;
    const content = contentOf({ ...verdict, status }, ruleVersions.get(rule) ?? 0);
    // Of two verdicts on the same thing the one that says more counts, and else the first.
    const other = contents.get(content.id);
    if (other === undefined || isWorse(content, other)) contents.set(content.id, content);
  }
  return contents;
}

/** What could not be judged says less than what was. */
function isWorse(one: Content, other: Content): boolean {
  return one.status === 'fail' && other.status !== 'fail';
}

function resolvedBy({ rule, resource }: Finding, look: ScopeLook, { ruleVersions }: PlanContext): Because | undefined {
  const { only, aside, complete, judged, seen, unlisted } = look;
  if (aside?.has(resource.uid) === true) return undefined;
  if (!ruleVersions.has(rule)) return 'rule-off';
  if (only !== undefined && !only.has(resource.uid)) return undefined;
  if (!complete || !judged.has(rule)) return undefined;
  if (unlisted === true) return 'unlisted';
  return seen.has(resource.uid) ? 'passes' : 'gone';
}

function open(content: Content, context: PlanContext): Transition {
  const { now } = context;
  const waiver = context.waiverOf(content);
  const fresh = { ...content, firstSeen: now, changed: now, reopened: 0, revision: 1 };
  return waiver === undefined
    ? { kind: 'opened', finding: { ...fresh, state: 'open' } }
    : { kind: 'waived', finding: { ...fresh, state: 'waived', waiver } };
}

function reopen(known: Finding, content: Content, context: PlanContext): Transition {
  const { because: _because, ...life } = lifeOf(known);
  const waiver = context.waiverOf(content);
  const back = { ...content, ...life, ...step(known, context), reopened: known.reopened + 1 };
  return waiver === undefined
    ? { kind: 'reopened', because: 'fails-again', finding: { ...back, state: 'open' } }
    : { kind: 'waived', finding: { ...back, state: 'waived', waiver } };
}

/** What a finding that still fails does: its content changes, a waiver begins to hold or ends, or nothing. */
function update(known: Finding, now: Finding, context: PlanContext): Transition | undefined {
  const { waiver: _waiver, ...bare } = { ...now, ...step(known, context) };
  const waiver = context.waiverOf(now);
  if (waiver !== undefined && known.state === 'open')
    return { kind: 'waived', finding: { ...bare, state: 'waived', waiver } };
  if (waiver === undefined && known.state === 'waived')
    return {
      kind: 'reopened',
      because: 'waiver-ended',
      finding: { ...bare, state: 'open', reopened: known.reopened + 1 },
    };
  if (!isChanged(known, now) && waiver === known.waiver) return undefined;
  return { kind: 'changed', finding: { ...bare, ...(waiver === undefined ? {} : { waiver }) } };
}

function resolve(known: Finding, because: Because, context: PlanContext): Transition {
  const { waiver: _waiver, ...bare } = known;
  return { kind: 'resolved', because, finding: { ...bare, ...step(known, context), state: 'resolved', because } };
}

/** What a finding keeps when a new verdict takes the place of the old one. */
function lifeOf({
  state,
  waiver,
  firstSeen,
  changed,
  because,
  reopened,
  revision,
}: Finding): Omit<Finding, keyof Content> {
  return {
    state,
    ...(waiver === undefined ? {} : { waiver }),
    firstSeen,
    changed,
    ...(because === undefined ? {} : { because }),
    reopened,
    revision,
  };
}

function step({ revision }: Finding, { now }: PlanContext): Pick<Finding, 'changed' | 'revision'> {
  return { changed: now, revision: revision + 1 };
}
