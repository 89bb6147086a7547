import {
  countOffsets,
  intersectRanges,
  type OffsetRange,
  type OffsetRanges,
  subtractRanges,
  uniteRanges,
} from '#shared/lake/offset-ranges.ts';
import { parseAddressRange } from './address-text.ts';

/** Any set of IPv4 and IPv6 addresses: ranges in order that neither overlap nor touch, so one set has one form. */
export interface AddressSet {
  readonly v4: OffsetRanges;
  readonly v6: OffsetRanges;
}

/** No address. */
export const nowhere: AddressSet = { v4: [], v6: [] };

/** Every address of both families. */
export const everywhere: AddressSet = {
  v4: [{ first: 0n, last: (1n << 32n) - 1n }],
  v6: [{ first: 0n, last: (1n << 128n) - 1n }],
};

/** The addresses of texts such as `10.0.0.0/8`, and the texts that name none (see {@link parseAddressRange}). */
export function readAddresses(texts: Iterable<string>): {
  readonly set: AddressSet;
  readonly unread: readonly string[];
} {
  const v4: OffsetRange[] = [];
  const v6: OffsetRange[] = [];
  const unread: string[] = [];
  for (const text of texts) {
    const range = parseAddressRange(text);
    if (range === undefined) unread.push(text);
    else (range.family === 4 ? v4 : v6).push({ first: range.first, last: range.last });
  }
  return { set: { v4: uniteRanges(v4), v6: uniteRanges(v6) }, unread };
}

/** The addresses of texts that are known to be right; throws TypeError for another. */
export function addressesOf(...texts: readonly string[]): AddressSet {
  const { set, unread } = readAddresses(texts);
  if (unread.length > 0) throw new TypeError(`no addresses: ${unread.join(', ')}`);
  return set;
}

/** The addresses that are in any of the sets. */
export function uniteAddresses(...sets: readonly AddressSet[]): AddressSet {
  return { v4: uniteRanges(...sets.map(({ v4 }) => v4)), v6: uniteRanges(...sets.map(({ v6 }) => v6)) };
}

/** The addresses of the one set that are not in the other. */
export function subtractAddresses(from: AddressSet, taken: AddressSet): AddressSet {
  return { v4: subtractRanges(from.v4, taken.v4), v6: subtractRanges(from.v6, taken.v6) };
}

/** The addresses that are in both sets. */
export function intersectAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: intersectRanges(a.v4, b.v4), v6: intersectRanges(a.v6, b.v6) };
}

/** Whether no address is in the set. */
export function isNowhere({ v4, v6 }: AddressSet): boolean {
  return v4.length === 0 && v6.length === 0;
}

/** How many addresses of each family a set has. */
export function countAddresses({ v4, v6 }: AddressSet): { readonly v4: bigint; readonly v6: bigint } {
  return { v4: countOffsets(v4), v6: countOffsets(v6) };
}
