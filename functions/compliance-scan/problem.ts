import type { ProblemOf, Severity } from '#shared/errors/problem.ts';

/** What keeps things from being looked at. Errors want somebody's attention; warnings only tell. */
export const problemCodes = {
  'event.option': 'warning',
  'scope.incomplete': 'error',
  'waiver.invalid': 'error',
} as const satisfies Record<string, Severity>;

/** The name of a problem. */
export type ProblemCode = keyof typeof problemCodes;

/** A problem: what it concerns and why, in one sentence. */
export type Problem = ProblemOf<ProblemCode>;
