import { Evaluation } from '../evaluate.ts';
import type { Resource } from './resource.ts';
import type { ExampleResource, Rule } from './rule.ts';
import { type Verdict, severities } from './verdict.ts';

/** An example that a rule does not live up to. */
export interface FailedExample {
  readonly rule: string;
  readonly example: string;
  readonly reason: string;
}

/** Tries a rule's own examples, and says what is wrong with them; a rule must show a pass and a fail. */
export function tryExamples(rule: Rule): FailedExample[] {
  const failed: FailedExample[] = [];
  const fail = (example: string, reason: string): void => {
    failed.push({ rule: rule.id, example, reason });
  };
  for (const status of ['pass', 'fail'] as const)
    if (!rule.examples.some((example) => example.status === status)) fail('', `no example shows a ${status}`);
  for (const example of rule.examples) {
    const parsed = rule.parameters?.safeParse(example.parameters ?? {});
    if (parsed !== undefined && !parsed.success) {
      fail(example.shows, `its parameters are wrong: ${parsed.error.issues[0]?.message ?? ''}`);
      continue;
    }
    const found = worst(judgeExample(rule, parsed?.data ?? {}, example.given, example.beside ?? []));
    if (found === undefined) fail(example.shows, 'the rule says nothing of it');
    else if (found.status !== example.status)
      fail(example.shows, `expected ${example.status}, the rule says ${found.status}: ${found.reason}`);
  }
  return failed;
}

function judgeExample(
  rule: Rule,
  parameters: unknown,
  given: ExampleResource,
  beside: readonly ExampleResource[],
): Verdict[] {
  const active = { rule, parameters, severity: rule.severity };
  const evaluation = new Evaluation([active], { now: Date.UTC(2026, 0, 1), ownerOf: () => undefined });
  const judged = complete(given, rule.kinds[0] ?? '', 'given');
  const verdicts = evaluation.add(judged);
  for (const [index, other] of beside.entries())
    verdicts.push(...evaluation.add(complete(other, rule.needs?.[0]?.kind ?? '', `beside-${index}`)));
  verdicts.push(...evaluation.finish());
  return verdicts.filter(({ resource }) => resource.uid === judged.uid);
}

function complete(example: ExampleResource, kind: string, name: string): Resource {
  const { kind: ownKind = kind, name: ownName = name } = example;
  return {
    uid: `example/${ownKind}/${ownName}`,
    kind: ownKind,
    scope: `example/${ownKind}`,
    name: ownName,
    place: {},
    body: {},
    ...example,
  };
}

const order = ['error', 'fail', 'unknown', 'pass'];

/** The verdict that counts for a resource as a whole: the worst, and among failures the most severe. */
export function worst(verdicts: readonly Verdict[]): Verdict | undefined {
  const rank = ({ status, severity }: Verdict): number => order.indexOf(status) * 10 + severities.indexOf(severity);
  return verdicts.toSorted((a, b) => rank(a) - rank(b))[0];
}
