import type { LetterDiagnosis } from '../group/fingerprint.ts';
import { firstOrigin, lastFailure, type Letter } from '../letter/letter.ts';

/** What rules may ask of a letter. What the letter does not tell is absent, and fits no pattern. */
export interface Facts {
  readonly family?: string | undefined;
  /** The dead letter topic. */
  readonly topic?: string | undefined;
  /** The topic in which the record first failed. */
  readonly origin?: string | undefined;
  /** The connector, handler, logger or service. */
  readonly component?: string | undefined;
  readonly group?: string | undefined;
  readonly stage?: string | undefined;
  /** Class of the outer exception. */
  readonly class?: string | undefined;
  readonly rootClass?: string | undefined;
  readonly message?: string | undefined;
  /** Code of the first fault of the value, or else of the key. */
  readonly diagnosis?: string | undefined;
}

/** The names of all facts, in the order in which they are described. */
export const factNames = [
  'family',
  'topic',
  'origin',
  'component',
  'group',
  'stage',
  'class',
  'rootClass',
  'message',
  'diagnosis',
] as const satisfies readonly (keyof Facts)[];

/** Characters of a message that rules see. */
const longestMessage = 8_192;

/** What rules may ask of this letter. `root` is the root cause as its stack tells it. */
export function factsOf(
  letter: Letter,
  diagnosis: LetterDiagnosis,
  root: { readonly class?: string; readonly message?: string } | undefined,
): Facts {
  const hop = lastFailure(letter);
  const error = hop?.error;
  const messages = [error?.message, error?.rootMessage, root?.message].filter((text) => typeof text === 'string');
  return {
    family: hop?.family ?? 'unknown',
    topic: letter.record.topic,
    origin: firstOrigin(letter)?.topic,
    component: hop?.component,
    group: hop?.group,
    stage: hop?.stage,
    class: error?.class,
    rootClass: root?.class ?? error?.rootClass,
    message: messages.length === 0 ? undefined : [...new Set(messages)].join('\n').slice(0, longestMessage),
    diagnosis: diagnosis.value?.faults[0]?.code ?? diagnosis.key?.faults[0]?.code,
  };
}
