/** How much a problem matters: errors want somebody's attention, warnings only tell. */
export type Severity = 'error' | 'warning';

/** A problem of a function's closed list: what it concerns and why, in one sentence. */
export interface ProblemOf<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly topic?: string;
}

/** Tells the errors of a closed list from its warnings. */
export function seriousAmong<Code extends string>(
  codes: Readonly<Record<Code, Severity>>,
): (problem: { readonly code: Code }) => boolean {
  return ({ code }) => codes[code] === 'error';
}
