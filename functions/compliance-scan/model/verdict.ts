/** How a resource stands to a rule. `unknown`: it could not be read enough to say; `error`: the rule itself failed. */
export type Status = 'pass' | 'fail' | 'error' | 'unknown';

/** Who can reach something: all of the internet, a wide part of it, some public addresses, private ones only, nobody. */
export const exposures = ['world', 'wide', 'partner', 'private', 'none', 'unknown'] as const;

/** Who can reach something. */
export type Exposure = (typeof exposures)[number];

/** How bad a failure is, worst first. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** How bad a failure is. */
export type Severity = (typeof severities)[number];

/** Plain data that shows why: a few fields, never a secret, the same for the same resource. */
export type Evidence = Readonly<Record<string, Json>>;

/** Plain data. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a rule says of a resource, or of a part of it. */
export interface Judgement {
  readonly status: Status;
  /** Tells parts of one resource apart that are judged by themselves, such as `tcp/22`; left out, it is the whole resource. */
  readonly part?: string;
  /** Why, in one sentence that names the thing. Nothing in it changes from run to run (no ages in days). */
  readonly reason: string;
  readonly evidence?: Evidence;
  readonly exposure?: Exposure;
  /** Where this failure is worse or milder than the rule's. */
  readonly severity?: Severity;
}

/** A judgement together with whom it is about. */
export interface Verdict extends Judgement {
  readonly rule: string;
  readonly resource: VerdictResource;
  readonly severity: Severity;
}

/** What of a resource outlives its judgement. */
export interface VerdictResource {
  readonly uid: string;
  readonly kind: string;
  readonly scope: string;
  readonly name: string;
  readonly place: Readonly<Record<string, string>>;
  readonly version?: string;
  /** Who owns it, where its labels or its system tell. */
  readonly owner?: string;
  /** Those of its labels that waivers select by. */
  readonly labels?: Readonly<Record<string, string>>;
}
