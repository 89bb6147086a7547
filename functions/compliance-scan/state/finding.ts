import { createHash } from 'node:crypto';
import type { Evidence, Exposure, Severity, Status, Verdict, VerdictResource } from '../model/verdict.ts';

/** Something that a rule found, from the first time on until long after it is resolved. */
export interface Finding {
  /** Names it for ever: the same rule, resource and part have the same id on every machine. */
  readonly id: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly resource: VerdictResource;
  readonly part?: string;
  readonly status: Exclude<Status, 'pass'>;
  readonly severity: Severity;
  readonly reason: string;
  readonly evidence?: Evidence;
  readonly exposure?: Exposure;
  /** `waived`: it fails, and a waiver that holds says that this is known. */
  readonly state: 'open' | 'waived' | 'resolved';
  /** The waiver's id, while it is waived. */
  readonly waiver?: string;
  /** Milliseconds since 1970, as all times here. */
  readonly firstSeen: number;
  /** When its last transition was seen. */
  readonly changed: number;
  /** Why it is resolved. */
  readonly because?: Because;
  /** How often it came back. */
  readonly reopened: number;
  /** Counts its transitions. */
  readonly revision: number;
}

/**
 * Why a finding was resolved or came back: the resource passes or is gone, its listing is no longer asked for or its rule is no
 * longer used; it fails again, or its waiver ended.
 */
export type Because = 'passes' | 'gone' | 'unlisted' | 'rule-off' | 'fails-again' | 'waiver-ended';

/** What happened to a finding. */
export interface Transition {
  readonly kind: 'opened' | 'changed' | 'resolved' | 'reopened' | 'waived';
  readonly because?: Because;
  /** As it is after it. */
  readonly finding: Finding;
}

/** The id of what a rule says of a resource or of a part of it. */
export function findingId(rule: string, resource: string, part: string | undefined): string {
  const digest = createHash('sha256').update(JSON.stringify([rule, resource, part ?? null]));
  return digest.digest('hex').slice(0, 32);
}

/** What a verdict says, as findings keep it. */
export type Content = Omit<Finding, 'state' | 'waiver' | 'firstSeen' | 'changed' | 'because' | 'reopened' | 'revision'>;

/** The part of a finding that a verdict decides. */
export function contentOf(verdict: Verdict & { status: Content['status'] }, ruleVersion: number): Content {
  const { rule, resource, part, status, severity, reason, evidence, exposure } = verdict;
  return {
    id: findingId(rule, resource.uid, part),
    rule,
    ruleVersion,
    resource,
    ...(part === undefined ? {} : { part }),
    status,
    severity,
    reason,
    ...(evidence === undefined ? {} : { evidence }),
    ...(exposure === undefined ? {} : { exposure }),
  };
}

/** True when people should hear that a finding is another one than before. A resource's version alone is no reason. */
export function isChanged(before: Content, after: Content): boolean {
  return told(before) !== told(after);
}

/** True when something is to be kept that nobody has to hear of, such as a new name. */
export function isRenamed({ resource: before }: Content, { resource: after }: Content): boolean {
  const kept = ({ name, place, labels }: VerdictResource): string => JSON.stringify([name, place, labels ?? null]);
  return kept(before) !== kept(after);
}

function told({ ruleVersion, status, severity, reason, evidence, exposure, resource }: Content): string {
  const { owner = null } = resource;
  return JSON.stringify([ruleVersion, status, severity, reason, evidence ?? null, exposure ?? null, owner]);
}
