import type { Evidence, Judgement } from '../model/verdict.ts';

type More = Pick<Judgement, 'part' | 'severity' | 'exposure'>;

/** All is well, for a reason. */
export function pass(reason: string, more: More = {}): Judgement {
  return { status: 'pass', reason, ...more };
}

/** It is not, and the evidence shows why. */
export function fail(reason: string, evidence: Evidence, more: More = {}): Judgement {
  return { status: 'fail', reason, evidence, ...more };
}

/** It cannot be told. */
export function unknown(reason: string, more: More = {}): Judgement {
  return { status: 'unknown', reason, ...more };
}
