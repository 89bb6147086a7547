import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import type { Rule } from '#functions/compliance-scan/model/rule.ts';
import type { Verdict } from '#functions/compliance-scan/model/verdict.ts';

/** All resources of a kind. */
export async function listAll(source: Source, kind: string, signal: AbortSignal): Promise<Resource[]> {
  const found: Resource[] = [];
  for await (const scope of source.scopes(new Set([kind]), signal))
    for await (const page of source.list(scope, signal)) found.push(...page);
  return found;
}

/** What rules, with parameters by their ids, say of everything that sources list. */
export async function scan(
  sources: readonly Source[],
  rules: readonly Rule[],
  signal: AbortSignal,
  parameters: Readonly<Record<string, object>> = {},
): Promise<{ readonly verdicts: Verdict[]; readonly incomplete: string[] }> {
  const active = rules.map((rule) => ({
    rule,
    severity: rule.severity,
    parameters: rule.parameters?.parse(parameters[rule.id] ?? {}) ?? {},
  }));
  const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
  const verdicts: Verdict[] = [];
  const incomplete: string[] = [];
  for (const source of sources)
    for (const kind of evaluation.kinds) {
      try {
        for (const resource of await listAll(source, kind, signal)) verdicts.push(...evaluation.add(resource));
      } catch {
        incomplete.push(kind);
      }
    }
  verdicts.push(...evaluation.finish(new Set(incomplete)));
  return { verdicts, incomplete };
}

/** What a rule says of the resources whose names begin with a prefix, without it: the status, and of failures the severity. */
export function statuses(verdicts: readonly Verdict[], rule: string, prefix: string): Record<string, string> {
  const ours = verdicts.filter((verdict) => verdict.rule === rule && verdict.resource.name.startsWith(prefix));
  return Object.fromEntries(
    ours.map(({ resource, status, severity }) => [
      resource.name.slice(prefix.length),
      status === 'fail' ? `fail ${severity}` : status,
    ]),
  );
}
