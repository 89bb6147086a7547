import { type Chunk, dictionaryOf, entriesOf, isIndexed, usesDictionary } from './column-chunk.ts';
import { DictionaryUnion } from './dictionary-union.ts';
import { bitWidth } from './bit-packing.ts';
import type { Leaf } from './leaf.ts';

/** One dictionary in the place of those of several chunks. */
export interface CommonDictionary {
  readonly union: DictionaryUnion;
  /** Of each chunk, the new places of its entries; undefined where it has no dictionary. */
  readonly places: readonly (Int32Array | undefined)[];
}

/** Dictionaries that say within so many chunks whether more of them will have anything in common. */
const probe = 6;

/**
 * Unites the dictionaries of chunks; undefined when there is none, and when values are better written in full: when the
 * union would take more than `limit` bytes, or more room than it saves, or when Spark could not read what comes of it.
 * @throws parquet.corrupt, which names the place
 */
export function uniteDictionaries(leaf: Leaf, chunks: readonly Chunk[], limit: number): CommonDictionary | undefined {
  if (hasIndicesBehindValues(chunks)) return undefined;
  const union = new DictionaryUnion(leaf.width, limit);
  const places: (Int32Array | undefined)[] = [];
  const total = chunks.filter(usesDictionary).length;
  union.expect(chunks.reduce((sum, { dictionary }) => sum + (dictionary ? entriesOf(dictionary) : 0), 0));
  let seen = 0;
  let values = 0;
  for (const [index, chunk] of chunks.entries()) {
    if (!usesDictionary(chunk)) continue;
    const dictionary = dictionaryOf(chunk, leaf);
    const before = union.count;
    places[index] = union.add(dictionary);
    if (places[index] === undefined) return undefined;
    for (const page of chunk.data) if (isIndexed(page)) values += page.values;
    values -= chunk.input.claims.nulls ?? 0;
    seen += 1;
    const fresh = union.count - before;
    const share = total / seen;
    if (seen === probe && fresh > dictionary.count * 0.8) {
      const isLong = union.length * share > limit / 2;
      if (isLong || isShorterInFull(union.count * share, union.length * share, values * share)) return undefined;
    }
  }
  return seen === 0 || isShorterInFull(union.count, union.length, values) ? undefined : { union, places };
}

/** True when `values` values take less room than a dictionary of `count` entries and indices to it. */
function isShorterInFull(count: number, length: number, values: number): boolean {
  return count > 1 && (length / count) * values <= length + (values * bitWidth(count - 1)) / 8;
}

/**
 * True when a page of indices comes behind one of values in full. No writer does so, and Spark's vectorized reader (4.3.0)
 * then gives wrong values without a word, and fails on lists.
 */
function hasIndicesBehindValues(chunks: readonly Chunk[]): boolean {
  const pages = chunks.flatMap(({ data }) => data).filter(({ values }) => values > 0);
  const first = pages.findIndex((page) => !isIndexed(page));
  return first >= 0 && pages.some((page, index) => index > first && isIndexed(page));
}
