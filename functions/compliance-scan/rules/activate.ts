import type { z } from 'zod';
import { suggest } from '#shared/config/suggest.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { ActiveRule } from '../evaluate.ts';
import type { Rule } from '../model/rule.ts';
import type { Severity } from '../model/verdict.ts';

/** What settings say of a rule. */
export interface RuleSetting {
  readonly enabled?: boolean | undefined;
  readonly severity?: Severity | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The rules that are in use, with their parameters: those of the setting, then what the site says under the same name, then
 * the rule's own. @throws config.invalid that names each unknown rule and each parameter that does not fit
 */
export function activateRules(
  rules: readonly Rule[],
  settings: Readonly<Record<string, RuleSetting>>,
  site: Readonly<Record<string, unknown>>,
): ActiveRule[] {
  const faults = findUnknown(rules, Object.keys(settings));
  const active: ActiveRule[] = [];
  for (const rule of rules) {
    const { enabled = true, severity = rule.severity, parameters = {} } = settings[rule.id] ?? {};
    if (!enabled) continue;
    const read = readParameters(rule, parameters, site);
    if (read.fault === undefined) active.push({ rule, parameters: read.parameters, severity });
    else faults.push(read.fault);
  }
  if (faults.length > 0) throw new LakewardenError('config.invalid', faults.join(' | '));
  return active;
}

function findUnknown(rules: readonly Rule[], names: readonly string[]): string[] {
  const known = new Set(rules.map(({ id }) => id));
  return names
    .filter((name) => !known.has(name))
    .map((name) => {
      const near = suggest(name, known);
      return `rules.${name.slice(0, 100)}: there is no such rule${near === undefined ? '' : `; did you mean ${near}?`}`;
    });
}

function readParameters(
  { id, parameters: schema }: Rule,
  given: Readonly<Record<string, unknown>>,
  site: Readonly<Record<string, unknown>>,
): { parameters?: unknown; fault?: string } {
  if (schema === undefined) {
    const [name] = Object.keys(given);
    return name === undefined ? {} : { fault: `rules.${id}.parameters.${name}: the rule has no parameters` };
  }
  // Own rules come out of another bundle, with another zod.
  const known = Object.keys((schema as Partial<z.ZodObject>).shape ?? {});
  const shared = Object.entries(site).filter(([name, value]) => known.includes(name) && value !== undefined);
  const read = schema.safeParse({ ...Object.fromEntries(shared), ...given });
  if (read.success) return { parameters: read.data };
  const [issue] = read.error.issues;
  return { fault: `rules.${id}.${['parameters', ...(issue?.path ?? [])].join('.')}: ${issue?.message}` };
}
