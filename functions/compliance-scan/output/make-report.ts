import type { ActiveRule } from '../evaluate.ts';
import { type Area, areas } from '../model/rule.ts';
import { type Severity, severities, type Status } from '../model/verdict.ts';
import type { RuleCounts } from '../scan/counts.ts';
import type { ScopeOutcome } from '../scan/scan-batch.ts';
import type { SweepOutcome } from '../scan/sweep.ts';
import type { Waivers } from '../waivers/waivers.ts';
import type { Report, ReportArea, ReportFinding, ReportRule, ReportScope, ReportWaiver } from './report.ts';

/** What a report is made of. */
export interface ReportParts {
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended: number;
  readonly rules: readonly ActiveRule[];
  readonly counts: RuleCounts;
  readonly waivers: Waivers;
  readonly scopes: readonly ScopeOutcome[];
  readonly outcome: SweepOutcome;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** How much a rule counts for the score. */
const weights: Readonly<Record<Severity, number>> = { critical: 10, high: 5, medium: 2, low: 1, info: 0 };
/** A waiver that ends so soon is shown as such. */
const soonMs = 14 * 86_400_000;

/** Makes a report of what a sweep did. Pure. */
export function makeReport(parts: ReportParts): Report {
  const { instance, started, ended, outcome } = parts;
  const findings = parts.scopes.flatMap((scope) => findingsOf(scope, started)).toSorted(byWeight);
  const rules = parts.rules.map((active) => ruleOf(active, parts.counts));
  const reported = areas.map((area) => areaOf(area, rules, findings)).filter(({ counts }) => sum(counts) > 0);
  const score = scoreOf(rules);
  const problems = parts.problems.map(({ code, message }) => ({ code, message }));
  return {
    instance,
    started,
    ended,
    complete: outcome.incomplete.length === 0 && outcome.left.length === 0,
    rules,
    findings,
    scopes: [...parts.scopes.map(scopeOf), ...unseenScopes(parts)].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    areas: reported,
    ...(score === undefined ? {} : { score }),
    waivers: waiversOf(parts.waivers, findings, started),
    problems,
  };
}

/** Worst first: open before waived before resolved, then by severity, rule and name. */
function byWeight(a: ReportFinding, b: ReportFinding): number {
  const rank = ({ state, severity }: ReportFinding): number =>
    states.indexOf(state) * 10 + severities.indexOf(severity);
  const key = ({ rule, resource, part = '' }: ReportFinding): string => `${rule}\0${resource.uid}\0${part}`;
  return rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1);
}

const states = ['open', 'waived', 'resolved'] as const;

function findingsOf({ state, transitions }: ScopeOutcome, started: number): ReportFinding[] {
  const told = new Map(transitions.map(({ finding, kind, because }) => [finding.id, { kind, because }]));
  return [...state.findings.values()]
    .filter((finding) => finding.state !== 'resolved' || told.has(finding.id))
    .map((finding) => {
      const { kind, because } = told.get(finding.id) ?? {};
      const transition = kind === undefined ? undefined : { kind, ...(because === undefined ? {} : { because }) };
      const lastSeen = transition === undefined ? Math.max(state.seen ?? 0, finding.changed) : started;
      return { ...finding, lastSeen, ...(transition === undefined ? {} : { transition }) };
    });
}

function ruleOf({ rule, severity }: ActiveRule, counts: RuleCounts): ReportRule {
  const { id, version, title, why, remedy, area, controls = {} } = rule;
  return { id, version, title, why, remedy, area, severity, controls, counts: { ...counts.of(id) } };
}

function areaOf(area: Area, inUse: readonly ReportRule[], findings: readonly ReportFinding[]): ReportArea {
  const rules = inUse.filter((rule) => rule.area === area);
  const ids = new Set(rules.map(({ id }) => id));
  const waived = findings.filter(({ state, rule }) => state === 'waived' && ids.has(rule)).length;
  const total = (status: Status): number => rules.reduce((all, { counts }) => all + counts[status], 0);
  const counts = { pass: total('pass'), fail: total('fail'), error: total('error'), unknown: total('unknown'), waived };
  const score = scoreOf(rules);
  return { area, counts, ...(score === undefined ? {} : { score }) };
}

/** The share of what passes; what could not be judged passes as little as what fails. */
function scoreOf(rules: readonly ReportRule[]): number | undefined {
  let [passed, judged] = [0, 0];
  for (const { severity, counts } of rules) {
    passed += weights[severity] * counts.pass;
    judged += weights[severity] * (counts.pass + counts.fail + counts.error + counts.unknown);
  }
  // 100 is for what has no failure at all.
  return judged === 0 ? undefined : Math.floor((100 * passed) / judged);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

function scopeOf({ scope, resources, error }: ScopeOutcome): ReportScope {
  const { id, kind } = scope;
  if (error === undefined) return { id, kind, complete: true, resources };
  return { id, kind, complete: false, resources, problem: { code: error.code, message: error.message } };
}

/** What was not even begun. */
function unseenScopes({ outcome, scopes }: ReportParts): ReportScope[] {
  const begun = new Set(scopes.map(({ scope }) => scope.id));
  const failed = outcome.incomplete
    .filter(({ scope }) => !begun.has(scope))
    .map(({ scope, error: { code, message } }) => ({ id: scope, problem: { code, message } }));
  const left = outcome.left.map((id) => ({ id, problem: { code: 'deadline.exceeded', message: 'there was no time' } }));
  return [...failed, ...left].map((one) => ({ ...one, kind: '', complete: false, resources: 0 }));
}

function waiversOf({ all }: Waivers, findings: readonly ReportFinding[], now: number): ReportWaiver[] {
  const counts = new Map<string, number>();
  for (const { waiver } of findings) if (waiver !== undefined) counts.set(waiver, (counts.get(waiver) ?? 0) + 1);
  return all.map(({ id, owner, approver, reason, ticket, expires }) => ({
    id,
    owner,
    approver,
    reason,
    ...(ticket === undefined ? {} : { ticket }),
    expires,
    state: expires <= now ? 'expired' : expires <= now + soonMs ? 'expiring' : 'active',
    findings: counts.get(id) ?? 0,
  }));
}
