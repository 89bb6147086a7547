import { type ProblemOf, type Severity, seriousAmong } from '#shared/errors/problem.ts';

/** What keeps letters from being handled. Errors want somebody's attention; warnings only tell. */
export const problemCodes = {
  'event.option': 'warning',
  'event.place': 'warning',
  'topic.missing': 'warning',
  'partition.failed': 'error',
  'partition.busy': 'warning',
  'letters.lost': 'error',
  'groups.many': 'warning',
  'retention.near': 'error',
  'retention.unknown': 'warning',
} as const satisfies Record<string, Severity>;

/** The name of a problem. */
export type ProblemCode = keyof typeof problemCodes;

/** A problem: what it concerns and why, in one sentence. */
export interface Problem extends ProblemOf<ProblemCode> {
  readonly partition?: number;
}

/** True when the problem wants somebody's attention. */
export const isSerious = seriousAmong(problemCodes);
