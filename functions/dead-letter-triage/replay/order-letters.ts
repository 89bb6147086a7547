import { firstOrigin, type Letter } from '../letter/letter.ts';

/**
 * Letters that came from one partition, in the order in which they stood there, in the places that they have among the others.
 * Those that do not tell where they stood keep their places.
 */
export function orderLetters(letters: readonly Letter[]): Letter[] {
  const ordered = [...letters];
  const slots = new Map<string, number[]>();
  for (const [index, letter] of letters.entries()) {
    const origin = firstOrigin(letter);
    if (origin?.partition === undefined || origin.offset === undefined) continue;
    const source = `${origin.partition} ${origin.topic}`;
    const list = slots.get(source);
    if (list === undefined) slots.set(source, [index]);
    else list.push(index);
  }
  for (const list of slots.values()) {
    const sorted = list.toSorted((a, b) => compare(letters[a] as Letter, letters[b] as Letter) || a - b);
    for (const [at, slot] of list.entries()) ordered[slot] = letters[sorted[at] as number] as Letter;
  }
  return ordered;
}

function compare(a: Letter, b: Letter): number {
  const [one = 0n, other = 0n] = [firstOrigin(a)?.offset, firstOrigin(b)?.offset];
  return one < other ? -1 : one > other ? 1 : 0;
}
