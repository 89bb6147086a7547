import { classifyLetter, type Verdict } from './classify.ts';
import type { RuleBook } from './rules.ts';
import { type Fingerprint, fingerprintLetter, type LetterDiagnosis, rootCauseOf } from '../group/fingerprint.ts';
import type { Letter } from '../letter/letter.ts';

/** Why a letter is dead, what is best done, and to which group it belongs. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly fingerprint: Fingerprint;
}

/** Classifies and groups a letter; its stack trace is read once. Pure: the same letter, diagnosis and rules give the same. */
export function judgeLetter(letter: Letter, diagnosis: LetterDiagnosis, rules: RuleBook): Judgement {
  const root = rootCauseOf(letter);
  const verdict = classifyLetter(letter, diagnosis, rules, root);
  return { verdict, fingerprint: fingerprintLetter(letter, diagnosis, verdict.group, root) };
}
