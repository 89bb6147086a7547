import { Evaluation, type ActiveRule, type Surroundings } from '../evaluate.ts';
import type { Resource } from '../model/resource.ts';
import type { Edit } from '../model/rule.ts';
import type { Verdict } from '../model/verdict.ts';
import { applyEdits } from './edits.ts';

/** What can be mended of a resource, and what the rules then say. */
export interface Repair<Body = unknown> {
  readonly before: Resource<Body>;
  readonly after: Resource<Body>;
  readonly edits: readonly Edit[];
  /** What failed before and passes after it. */
  readonly mended: readonly Verdict[];
  /** What fails before and after it: people must decide. */
  readonly left: readonly Verdict[];
}

/**
 * Tries the repairs of rules on a resource, one rule after the other. A repair counts only when its own rule passes on the
 * changed resource, and no rule that passed before fails now. Rules that need other resources have no say here. Pure.
 */
export function repairResource<Body>(
  resource: Resource<Body>,
  rules: readonly ActiveRule[],
  surroundings: Surroundings,
): Repair<Body> {
  const judging = rules.filter(({ rule }) => rule.kinds.includes(resource.kind) && (rule.needs ?? []).length === 0);
  const judge = (one: Resource<Body>): Verdict[] => new Evaluation(judging, surroundings).add(one);
  const before = failuresOf(judge(resource));
  let [after, failures] = [resource, before];
  const edits: Edit[] = [];
  for (const { rule, parameters } of judging) {
    if (rule.repair === undefined || !failures.has(rule.id)) continue;
    const look = { parameters, now: surroundings.now, related: () => [] };
    const tried = rule.repair(after, look);
    if (tried.length === 0) continue;
    const changed: Resource<Body> = { ...after, body: applyEdits(after.body, tried) };
    const then = failuresOf(judge(changed));
    if (then.has(rule.id) || [...then.keys()].some((id) => !failures.has(id))) continue;
    edits.push(...tried);
    [after, failures] = [changed, then];
  }
  return {
    before: resource,
    after,
    edits,
    mended: [...before].filter(([id]) => !failures.has(id)).flatMap(([, verdicts]) => verdicts),
    left: [...failures.values()].flat(),
  };
}

/** What does not pass, by rule: also what could not be judged, which is no better. */
function failuresOf(verdicts: readonly Verdict[]): Map<string, Verdict[]> {
  return Map.groupBy(
    verdicts.filter(({ status }) => status !== 'pass'),
    ({ rule }) => rule,
  );
}
