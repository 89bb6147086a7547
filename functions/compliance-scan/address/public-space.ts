import { type AddressSet, addressesOf, subtractAddresses } from './address-set.ts';

/** Addresses that no stranger on the internet can have: IANA's registries of special-purpose addresses (RFC 6890). */
const reserved = addressesOf(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // Multicast, and what was never given out.
  '224.0.0.0/3',
  '2001:db8::/32',
  '3fff::/20',
);

/** The addresses that strangers can have. Of IPv6 IANA gives out 2000::/3 only (RFC 4291, section 2.5.4). */
export const publicSpace: AddressSet = subtractAddresses(addressesOf('0.0.0.0/0', '2000::/3'), reserved);
