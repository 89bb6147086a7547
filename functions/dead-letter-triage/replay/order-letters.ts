import type { Origin } from '../letter/hop.ts';

/**
 * Letters that came from one partition, in the order in which they stood there, in the places that they have among the others.
 * Those that do not tell where they stood keep their places.
 */
export function orderLetters<Of extends { readonly origin: Origin | undefined }>(letters: readonly Of[]): Of[] {
  const ordered = [...letters];
  const slots = new Map<string, number[]>();
  for (const [index, { origin }] of letters.entries()) {
    if (origin?.partition === undefined || origin.offset === undefined) continue;
    const source = `${origin.partition} ${origin.topic}`;
    const list = slots.get(source);
    if (list === undefined) slots.set(source, [index]);
    else list.push(index);
  }
  for (const list of slots.values()) {
    const sorted = list.toSorted((a, b) => compare(letters[a]?.origin, letters[b]?.origin) || a - b);
    for (const [at, slot] of list.entries()) ordered[slot] = letters[sorted[at] as number] as Of;
  }
  return ordered;
}

function compare(a: Origin | undefined, b: Origin | undefined): number {
  const [one = 0n, other = 0n] = [a?.offset, b?.offset];
  return one < other ? -1 : one > other ? 1 : 0;
}
