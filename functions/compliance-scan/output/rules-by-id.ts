import type { Report, ReportRule } from './report.ts';

/** Finds the rule of a finding; of a rule that is no longer used, what the finding itself tells. */
export function rulesById({
  rules,
  findings,
}: Report): (
  id: string,
) => Pick<ReportRule, 'id' | 'title' | 'why' | 'remedy' | 'controls' | 'version'> & Partial<ReportRule> {
  const known = new Map<string, ReportRule>(rules.map((rule) => [rule.id, rule]));
  const versions = new Map(findings.map(({ rule, ruleVersion }) => [rule, ruleVersion]));
  return (id) =>
    known.get(id) ?? {
      id,
      version: versions.get(id) ?? 1,
      title: id,
      why: 'The rule is no longer used.',
      remedy: 'Nothing is left to do.',
      controls: {},
    };
}
