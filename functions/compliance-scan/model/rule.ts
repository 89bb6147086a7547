import { z } from 'zod';
import type { Resource } from './resource.ts';
import type { Json, Judgement, Severity, Status } from './verdict.ts';

/** Something else that a rule must know before it can judge: a small fact of each resource of another kind. */
export interface Need<Fact = unknown> {
  readonly kind: string;
  /** What is kept of a resource while the others are listed; keep it small. Undefined: nothing. */
  fact(resource: Resource): Fact | undefined;
  /** Facts are found by these keys, such as a namespace; one of many keys may be `*`. */
  keys(resource: Resource): readonly string[];
  /**
   * How far the judged resource's needs reach: `namespace` when facts of its own namespace are enough, so that an event about
   * it can be judged by one more listing; `all` by default.
   */
  readonly within?: 'namespace' | 'all';
}

/** What a rule may look at besides the resource. */
export interface Look<Parameters = unknown> {
  readonly parameters: Parameters;
  /** When the run began, in milliseconds since 1970: only for what truly depends on time, such as an expiry. */
  readonly now: number;
  /** Facts under a key, in the order of the uids of their resources. */
  related<Fact>(need: Need<Fact>, key: string): readonly Fact[];
}

/** A resource and what the rule must say of it. */
export interface Example {
  /** What the example shows, a few words. */
  readonly shows: string;
  /** Enough of a resource to be judged; the rest is filled in. */
  readonly given: ExampleResource;
  /** Resources of the kinds that the rule needs. */
  readonly beside?: readonly ExampleResource[];
  readonly parameters?: unknown;
  readonly status: Status;
}

/** A resource as examples write it: what is left out gets a plain value. */
export type ExampleResource = Partial<Resource> & { readonly body?: unknown };

/** A change of a body: the value at a path from now on, or nothing there without one. What is missing on the way is made. */
export interface Edit {
  readonly path: readonly (string | number)[];
  readonly value?: Json;
}

/** A rule as its file writes it. */
export interface RuleDefinition<Body, Parameters extends z.ZodType> {
  /** `<system>-<what must be>`: `aws-no-open-admin-ports`. Lower case, dashes; it never changes. */
  readonly id: string;
  /** Counts up when the same resource may be judged differently than before. */
  readonly version: number;
  /** One line: what must be. */
  readonly title: string;
  /** Why it matters, for somebody who has to act, in two or three sentences. */
  readonly why: string;
  readonly area: Area;
  readonly severity: Severity;
  readonly kinds: readonly string[];
  /** Paragraphs of standards that ask for it: `{'cis-kubernetes-1.11': ['5.2.1']}`; data, not proof. */
  readonly controls?: Readonly<Record<string, readonly string[]>>;
  /** What to do, in the imperative. */
  readonly remedy: string;
  /**
   * Happenings that can change its verdict beyond a change of the judged or needed kinds themselves; `source/happening` as the
   * event maps of inventory/ name them.
   */
  readonly triggers?: readonly string[];
  readonly needs?: readonly Need[];
  /** Settings of the rule, each with a default and a sentence. */
  readonly parameters?: Parameters;
  /** What is kept of a judged resource until the needs are listed, for rules that have needs: as little as it judges by. */
  trim?(resource: Resource<Body>): Resource<Body>;
  /** Judges. Pure: the same resource and facts give the same judgements. One part of a resource has one judgement. */
  judge(resource: Resource<Body>, look: Look<z.output<Parameters>>): Judgement | readonly Judgement[];
  /**
   * Changes of the body that make it pass, where no person has to decide anything: they are shown to the owner as a patch of
   * the manifest, and tried on the rule before that. Nothing where people must decide.
   */
  repair?(resource: Resource<Body>, look: Look<z.output<Parameters>>): readonly Edit[];
  /** At least one that passes and one that fails; tried by the tests and, for users' rules, at each start. */
  readonly examples: readonly Example[];
}

/** What a rule is about, for scores and chapters. */
export const areas = ['network', 'identity', 'encryption', 'ownership', 'durability', 'workload', 'changes'] as const;

/** What a rule is about. */
export type Area = (typeof areas)[number];

/** A rule of any body and parameters. */
export type Rule = RuleDefinition<unknown, z.ZodType>;

/** Types a rule by the body of the resources that it judges and by its parameters. */
export function defineRule<Body, Parameters extends z.ZodType = z.ZodUnknown>(
  definition: RuleDefinition<Body, Parameters>,
): Rule {
  return definition;
}
