import { tellFault } from '../diagnose/tell-fault.ts';
import type { LetterDiagnosis } from '../group/fingerprint.ts';
import type { Sample } from '../group/group.ts';
import { lastFailure, type Letter, missingReasons, payloadBytes } from '../letter/letter.ts';
import { formatPlace } from '../letter/replay-headers.ts';
import { maskPayload, maskText } from './mask-sample.ts';

// A group is kept with a few samples, so these are short.
const longestMessage = 120;
const longestKey = 40;
const longestValue = 120;
const longestFault = 200;

/** What people see of a letter: where it is, its message, key and value, and what is wrong with them, masked and cut. */
export function makeSample(letter: Letter, { key: ofKey, value: ofValue }: LetterDiagnosis = {}): Sample {
  const { key, value } = payloadBytes(letter);
  const error = lastFailure(letter)?.error;
  const found = ofValue?.faults[0] ?? ofKey?.faults[0];
  const missing = letter.payload.kind === 'elsewhere' ? letter.payload.missing : undefined;
  const fault = missing === undefined ? found && tellFault(found) : `its record ${missingReasons[missing]}`;
  return {
    place: formatPlace(letter.record),
    message: cut(maskText(error?.rootMessage ?? error?.message ?? ''), longestMessage),
    ...(key === undefined ? {} : { key: shape(key, longestKey) }),
    ...(value === undefined ? {} : { value: shape(value, longestValue) }),
    ...(fault === undefined ? {} : { fault: cut(maskText(fault), longestFault) }),
  };
}

function shape(bytes: Uint8Array | null, length: number): string | null {
  const text = maskPayload(bytes);
  return text === null ? null : cut(text, length);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
