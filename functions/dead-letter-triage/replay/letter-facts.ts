import { firstOrigin, type Letter } from '../letter/letter.ts';
import { formatPlace } from '../letter/replay-headers.ts';

/** How often the letter was replayed, as its own headers tell; 0 when they tell nothing. */
export function toldReplays({ hops }: Letter): number {
  return Math.max(0, ...hops.map(({ kind, attempts }) => (kind === 'replay' ? (attempts ?? 1) : 0)));
}

/** Where the record first failed as a text; undefined when that is not told exactly. */
export function originPlace(letter: Letter): string | undefined {
  const { topic, partition, offset, maybeId } = firstOrigin(letter) ?? {};
  if (topic === undefined || partition === undefined || offset === undefined || maybeId === true) return undefined;
  return formatPlace({ topic, partition, offset });
}

/** The time that the record had before it failed, in milliseconds, so far as it is told; the letter's own otherwise. */
export function originalTime(letter: Letter): bigint {
  const replayed = letter.hops.find(({ kind, origin }) => kind === 'replay' && origin.timestamp !== undefined);
  return replayed?.origin.timestamp ?? firstOrigin(letter)?.timestamp ?? letter.record.timestamp;
}
