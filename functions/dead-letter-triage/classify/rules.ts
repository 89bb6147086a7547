import { z } from 'zod';
import { familyNames } from '../letter/hop.ts';
import { compilePattern, longestPattern } from '../pattern.ts';
import { actions, classNames, type Action, type LetterClass } from './classes.ts';
import { factNames, type Facts } from './facts.ts';

const pattern = z.string().min(1).max(longestPattern);
const patterns = z.union([pattern, z.array(pattern).min(1).max(100)]);

const meanings = {
  family: `the family of the producer: ${familyNames.join(', ')}, or unknown`,
  topic: 'the dead letter topic',
  origin: 'the topic in which the record first failed',
  component: 'the connector, handler, logger or service that failed',
  group: 'the consumer group',
  stage: "the step that failed, in the family's own words",
  class: 'class of the outer exception, with its package',
  rootClass: 'class of the root cause, with its package',
  message: 'the messages of the outer exception and the root cause, a line each',
  diagnosis: 'what is wrong with the bytes, such as json.truncated',
} satisfies Record<(typeof factNames)[number], string>;

const described = Object.fromEntries(factNames.map((name) => [name, patterns.optional().describe(meanings[name])]));
const match = z.strictObject(described as Record<(typeof factNames)[number], z.ZodOptional<typeof patterns>>);
const given = z.strictObject(
  Object.fromEntries(factNames.map((name) => [name, z.string().optional()])) as Record<
    (typeof factNames)[number],
    z.ZodOptional<z.ZodString>
  >,
);

const outcome = {
  class: z.enum(classNames).optional().describe('why such letters are dead'),
  action: z.enum(actions).optional().describe('what is best done with them'),
  owner: z.string().min(1).max(100).optional().describe('who looks after them'),
};

const example = z.strictObject({
  given: given.describe('what a letter tells'),
  matches: z.boolean().default(true).describe('false: the rule must leave this letter alone'),
  ...outcome,
});

const rule = z.strictObject({
  name: z.string().min(1).max(100).describe('name of the rule, unlike all others'),
  match: match
    .refine((wanted) => Object.keys(wanted).length > 0, 'a rule must ask for something')
    .describe('patterns that must all fit; * stands for anything, a list for any of its patterns'),
  ...outcome,
  together: z.boolean().default(false).describe('true: all letters that match are one group'),
  expect: z.array(example).min(1).max(100).describe('examples, which are tried before the rules are used'),
});

/** Users' rules, in the order in which they count. For each of class, action, owner and group the first rule that matches and says it decides. */
export const rulesSchema = z
  .array(
    rule.refine(
      (own) => own.together || [own.class, own.action, own.owner].some((value) => value !== undefined),
      'a rule must say something',
    ),
  )
  .max(1_000)
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, 'two rules have the same name');

/** A user's rule as read. */
export type Rule = z.output<typeof rule>;

/** What rules say of a letter; what none says is absent. */
export interface Ruling {
  readonly class?: LetterClass;
  readonly action?: Action;
  readonly owner?: string;
  /** The name of the rule that makes its letters one group. */
  readonly together?: string;
  /** The rules that had a say, in their order. */
  readonly rules: readonly string[];
}

/** Applies rules in their order. */
export class RuleBook {
  readonly #rules: readonly { readonly rule: Rule; readonly fits: (facts: Facts) => boolean }[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules.map((one) => ({ rule: one, fits: compileMatch(one.match) }));
  }

  /** True when there is no rule. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** What the rules say of a letter with these facts. */
  judge(facts: Facts): Ruling {
    const ruling: { -readonly [Key in keyof Ruling]: Ruling[Key] } = { rules: [] };
    const said: string[] = [];
    for (const { rule: own, fits } of this.#rules) {
      const isClass = own.class !== undefined && ruling.class === undefined;
      const isAction = own.action !== undefined && ruling.action === undefined;
      const isOwner = own.owner !== undefined && ruling.owner === undefined;
      const isTogether = own.together && ruling.together === undefined;
      if (!(isClass || isAction || isOwner || isTogether) || !fits(facts)) continue;
      if (isClass) ruling.class = own.class as LetterClass;
      if (isAction) ruling.action = own.action as Action;
      if (isOwner) ruling.owner = own.owner as string;
      if (isTogether) ruling.together = own.name;
      said.push(own.name);
    }
    return { ...ruling, rules: said };
  }
}

function compileMatch(wanted: Rule['match']): (facts: Facts) => boolean {
  const tests = Object.entries(wanted).map(([name, value]) => ({
    name: name as keyof Facts,
    fits: (Array.isArray(value) ? value : [value]).map((one) => compilePattern(one as string)),
  }));
  return (facts) =>
    tests.every(({ name, fits }) => {
      const text = facts[name];
      return text !== undefined && fits.some((fit) => fit(text));
    });
}

/** An example that the rules do not fulfil. */
export interface FailedExample {
  readonly rule: string;
  /** From 1. */
  readonly example: number;
  /** One sentence. */
  readonly reason: string;
}

/** Tries every example of every rule on all rules together, so that a rule that another one hides is found. */
export function testRules(rules: readonly Rule[]): FailedExample[] {
  const book = new RuleBook(rules);
  return rules.flatMap((own) =>
    own.expect.flatMap((wanted, index): FailedExample[] => {
      const reason = findFault(own, wanted, book.judge(wanted.given));
      return reason === undefined ? [] : [{ rule: own.name, example: index + 1, reason }];
    }),
  );
}

function findFault(own: Rule, wanted: Rule['expect'][number], ruling: Ruling): string | undefined {
  const fits = compileMatch(own.match)(wanted.given);
  if (fits !== wanted.matches) return fits ? 'the rule matches, and should not' : 'the rule does not match';
  if (fits && !ruling.rules.includes(own.name))
    return `the rule has no say: ${ruling.rules.join(', ')} decided before it`;
  for (const name of ['class', 'action', 'owner'] as const)
    if (wanted[name] !== undefined && ruling[name] !== wanted[name])
      return `${name} is ${ruling[name] ?? 'not said'}, not ${wanted[name]}`;
  return undefined;
}
