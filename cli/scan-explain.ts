import { z } from 'zod';
import type { ActiveRule } from '#functions/compliance-scan/evaluate.ts';
import type { OpenScan } from '#functions/compliance-scan/scan/open-scan.ts';
import type { Finding } from '#functions/compliance-scan/state/finding.ts';
import { suggest } from '#shared/config/suggest.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { scanExit } from './scan-settings.ts';
import { paint, printable } from './terminal.ts';

/** Explains a rule by its id, or a finding of the state by the beginning of its id. @throws config.invalid when there is neither */
export async function explain(id: string, open: OpenScan): Promise<number> {
  const active = open.rules.find(({ rule }) => rule.id === id);
  const finding = active === undefined ? await findFinding(id, open) : undefined;
  const rule = active ?? open.rules.find((one) => one.rule.id === finding?.rule);
  if (finding !== undefined) tell(findingLines(finding));
  if (rule !== undefined) tell(ruleLines(rule));
  if (finding !== undefined || rule !== undefined) return scanExit.clean;
  const near = suggest(
    id,
    open.rules.map((one) => one.rule.id),
  );
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new LakewardenError('config.invalid', `there is no rule in use and no finding called ${id}${hint}`);
}

async function findFinding(id: string, { store }: OpenScan): Promise<Finding | undefined> {
  if (!/^[0-9a-f]{6,32}$/.test(id)) return undefined;
  const { signal } = new AbortController();
  for (const scope of await store.scopes(signal)) {
    const { state } = await store.load(scope, signal);
    for (const finding of state.findings.values()) if (finding.id.startsWith(id)) return finding;
  }
  return undefined;
}

function findingLines(finding: Finding): [string, string][] {
  const { id, resource, part, state, status, severity, reason, evidence, exposure, waiver, firstSeen, changed } =
    finding;
  const day = (time: number): string => new Date(time).toISOString();
  return [
    ['finding', id],
    ['resource', `${resource.kind} ${resource.name}${part === undefined ? '' : ` ${part}`}`],
    ['uid', resource.uid],
    ['owner', resource.owner ?? ''],
    ['state', `${state}${waiver === undefined ? '' : ` by ${waiver}`}, ${status}, ${severity}`],
    ['reason', reason],
    ['exposure', exposure ?? ''],
    ['evidence', evidence === undefined ? '' : JSON.stringify(evidence)],
    ['first seen', day(firstSeen)],
    ['changed', day(changed)],
    ['came back', finding.reopened === 0 ? '' : `${finding.reopened} times`],
  ];
}

function ruleLines({ rule, severity, parameters }: ActiveRule): [string, string][] {
  const controls = Object.entries(rule.controls ?? {}).map(([standard, ids]) => `${standard} ${ids.join(', ')}`);
  const settings = rule.parameters instanceof z.ZodObject ? describe(rule.parameters, parameters) : [];
  return [
    ['rule', `${rule.id} (version ${rule.version})`],
    ['wants', rule.title],
    ['why', rule.why],
    ['remedy', rule.remedy],
    ['severity', severity],
    ['area', rule.area],
    ['judges', rule.kinds.join(', ')],
    ['needs', (rule.needs ?? []).map(({ kind }) => kind).join(', ')],
    ['controls', controls.join('; ')],
    ...settings,
  ];
}

function describe({ shape }: z.ZodObject, parameters: unknown): [string, string][] {
  const values = (parameters ?? {}) as Record<string, unknown>;
  return Object.entries(shape).map(([name, schema]) => [
    'parameter',
    `${name}: ${(schema as z.ZodType).description ?? ''}; now ${JSON.stringify(values[name]) ?? 'not set'}`,
  ]);
}

function tell(lines: readonly [string, string][]): void {
  for (const [name, text] of lines) if (text !== '') console.log(`${paint('bold', name.padEnd(11))}${printable(text)}`);
}
