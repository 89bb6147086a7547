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
} as const satisfies Record<string, 'error' | 'warning'>;

/** The name of a problem. */
export type ProblemCode = keyof typeof problemCodes;

/** A problem: what it concerns and why, in one sentence. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly topic?: string;
  readonly partition?: number;
}

/** True when the problem wants somebody's attention. */
export function isSerious(problem: Problem): boolean {
  return problemCodes[problem.code] === 'error';
}
