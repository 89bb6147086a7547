import { asBuffer } from '../letter/bytes.ts';
import { followPointer } from '../letter/follow-pointer.ts';
import { lastFailure, type Letter } from '../letter/letter.ts';
import { readLetter } from '../letter/read-letter.ts';
import type { ReplayTools } from './replay-tools.ts';

/**
 * Share groups' letters are pointers, or copies without the record's own headers and timestamp: with the original, when it is still
 * there, they are whole. Others stay as they are.
 */
export async function completeLetter(
  letter: Letter,
  { fetchOriginal, sources }: Pick<ReplayTools, 'fetchOriginal' | 'sources'>,
): Promise<Letter> {
  const hop = lastFailure(letter);
  if (hop?.family !== 'share-group') return letter;
  const original = await fetchOriginal(hop.origin);
  if (original.record === undefined) return followPointer(letter, original);
  const { key, value, headers, timestamp } = original.record;
  const isCopy = letter.payload.kind === 'record';
  // A topic that was made anew has another record there.
  if (isCopy && !(isSame(key, letter.record.key) && isSame(value, letter.record.value))) return letter;
  const hops = letter.hops.map((one) => (one === hop ? { ...hop, origin: original.origin } : one));
  const replays = readLetter(original.record, sources).hops.filter(({ kind }) => kind === 'replay');
  const record = { ...letter.record, key, value, headers, timestamp };
  return { ...letter, record, hops: [...replays, ...hops], payload: { kind: 'record' } };
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : asBuffer(a).equals(b);
}
