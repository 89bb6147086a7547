import type { Exposure } from '../model/verdict.ts';
import {
  type AddressSet,
  countAddresses,
  intersectAddresses,
  isNowhere,
  nowhere,
  subtractAddresses,
} from './address-set.ts';
import { publicSpace } from './public-space.ts';

/** Addresses of which not all is known: those that are in it for sure, and those that may be. */
export interface AddressBounds {
  readonly least: AddressSet;
  readonly most: AddressSet;
}

/** How to weigh addresses. */
export interface ExposureScale {
  /** Addresses that belong to known partners: however many, they make nothing `wide`. */
  readonly partners?: AddressSet;
  /** More public addresses than one IPv4 block of this prefix length has (of IPv6 the same share of 2000::/3) are `wide`. */
  readonly widePrefix?: number;
}

/** The prefix length of the largest IPv4 block that is not yet `wide`. */
export const defaultWidePrefix = 8;

const publicCount = countAddresses(publicSpace);

/**
 * Who has an address in the set: `world` from 99 % of the public addresses of a family, `wide` above the scale's threshold,
 * `partner` with any public address, `private` with others only, `none` for the empty set.
 */
export function exposureOf(
  set: AddressSet,
  { partners = nowhere, widePrefix = defaultWidePrefix }: ExposureScale = {},
): Exposure {
  if (isNowhere(set)) return 'none';
  const reached = intersectAddresses(set, publicSpace);
  if (isNowhere(reached)) return 'private';
  const all = countAddresses(reached);
  if (all.v4 * 100n >= publicCount.v4 * 99n || all.v6 * 100n >= publicCount.v6 * 99n) return 'world';
  const strangers = countAddresses(subtractAddresses(reached, partners));
  const wide = strangers.v4 > 1n << BigInt(32 - widePrefix) || strangers.v6 > 1n << BigInt(125 - widePrefix);
  return wide ? 'wide' : 'partner';
}

/** The exposure of addresses that are not all known: `unknown` where it depends on what is not, and not `world` already. */
export function exposureWithin({ least, most }: AddressBounds, scale: ExposureScale = {}): Exposure {
  const [known, possible] = [exposureOf(least, scale), exposureOf(most, scale)];
  return known === 'world' || known === possible ? known : 'unknown';
}

/** Whether an exposure lets strangers in: `world` or `wide`. */
export function isOpen(exposure: Exposure): boolean {
  return exposure === 'world' || exposure === 'wide';
}
