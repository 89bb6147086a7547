import type { Sample } from '../group/group.ts';
import { lastFailure, type Letter, payloadBytes } from '../letter/letter.ts';
import { formatPlace } from '../letter/replay-headers.ts';
import { maskPayload, maskText } from './mask-sample.ts';

// A group is kept with a few samples, so these are short.
const longestMessage = 120;
const longestKey = 40;
const longestValue = 120;

/** What people see of a letter: where it is, and its message, key and value, masked and cut. */
export function makeSample(letter: Letter): Sample {
  const { key, value } = payloadBytes(letter);
  const error = lastFailure(letter)?.error;
  return {
    place: formatPlace(letter.record),
    message: cut(maskText(error?.rootMessage ?? error?.message ?? ''), longestMessage),
    ...(key === undefined ? {} : { key: shape(key, longestKey) }),
    ...(value === undefined ? {} : { value: shape(value, longestValue) }),
  };
}

function shape(bytes: Uint8Array | null, length: number): string | null {
  const text = maskPayload(bytes);
  return text === null ? null : cut(text, length);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
