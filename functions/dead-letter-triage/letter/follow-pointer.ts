import type { Original } from './originals.ts';
import type { Letter } from './letter.ts';

/** A pointer with the record that it leads to, or with the reason why that is not there. Other letters stay as they are. */
export function followPointer(letter: Letter, { origin, record, missing }: Original): Letter {
  const { payload } = letter;
  if (payload.kind !== 'elsewhere') return letter;
  const hops = letter.hops.map((hop) => (hop.origin === payload.origin ? { ...hop, origin } : hop));
  if (record === undefined) return { ...letter, hops, payload: { kind: 'elsewhere', origin, missing } };
  const { key, value } = record;
  return { ...letter, hops, payload: { kind: 'enclosed', key, value, isExact: true } };
}
