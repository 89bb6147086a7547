import type { OffsetRange } from '#shared/lake/offset-ranges.ts';

/** Addresses of one family, from the first to the last, both included, as numbers of 32 or 128 bits. */
export interface AddressRange extends OffsetRange {
  readonly family: 4 | 6;
}

interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

const bitsOf = { 4: 32, 6: 128 } as const;
const mapped = 0xffff_0000_0000n;

/**
 * The addresses that a text names: one address, a block with a prefix length or netmask (bits behind the prefix do not
 * matter: `1.2.3.4/0` is everything), or `first-last`. Any spelling of IPv6 (RFC 4291, section 2.2); blocks of IPv4 written
 * inside `::ffff:0:0/96` are IPv4. Undefined for everything else, also for numbers with zeros in front, which some programs
 * read as octal.
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const trimmed = text.trim();
  const [start, end, more] = trimmed.split('-');
  if (more !== undefined) return undefined;
  if (start !== undefined && end !== undefined)
    return rangeBetween(parseAddress(start.trim()), parseAddress(end.trim()));
  const [base, length, rest] = trimmed.split('/');
  if (rest !== undefined) return undefined;
  const address = parseAddress(base ?? '');
  if (address === undefined) return undefined;
  const bits = bitsOf[address.family];
  const prefix = length === undefined ? bits : parsePrefix(length, address.family);
  return prefix === undefined ? undefined : asVersion4(blockOf(address, BigInt(bits - prefix)));
}

function rangeBetween(first: Address | undefined, last: Address | undefined): AddressRange | undefined {
  if (first === undefined || last === undefined) return undefined;
  if (first.family !== last.family || first.value > last.value) return undefined;
  return asVersion4({ family: first.family, first: first.value, last: last.value });
}

function blockOf({ family, value }: Address, free: bigint): AddressRange {
  const first = (value >> free) << free;
  return { family, first, last: first + (1n << free) - 1n };
}

function asVersion4(range: AddressRange): AddressRange {
  const { family, first, last } = range;
  if (family === 4 || first < mapped || last > mapped + 0xffff_ffffn) return range;
  return { family: 4, first: first - mapped, last: last - mapped };
}

function parsePrefix(text: string, family: 4 | 6): number | undefined {
  if (/^\d{1,3}$/u.test(text)) return Number(text) <= bitsOf[family] ? Number(text) : undefined;
  const mask = family === 4 ? parseVersion4(text) : undefined;
  if (mask === undefined) return undefined;
  const ones = mask.toString(2).padStart(32, '0');
  return /^1*0*$/u.test(ones) ? ones.replaceAll('0', '').length : undefined;
}

function parseAddress(text: string): Address | undefined {
  const version4 = parseVersion4(text);
  if (version4 !== undefined) return { family: 4, value: version4 };
  const version6 = parseVersion6(text);
  return version6 === undefined ? undefined : { family: 6, value: version6 };
}

function parseVersion4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/u.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseVersion6(text: string): bigint | undefined {
  // A zone (RFC 4007, section 11) names a link of one host, and changes no address.
  const [bare = '', zone] = text.split('%');
  if (zone === '' || !bare.includes(':')) return undefined;
  const halves = bare.split('::').map((half, index, all) => parseGroups(half, index === all.length - 1));
  const [head, tail] = halves;
  if (head === undefined || halves.length > 2 || halves.includes(undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** The groups of 16 bits between colons; the last two of an address may be written as IPv4. */
function parseGroups(text: string, isLast: boolean): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const version4 = isLast ? parseVersion4(parts.at(-1) ?? '') : undefined;
  if (version4 !== undefined) parts.pop();
  if (!parts.every((part) => /^[\da-f]{1,4}$/iu.test(part))) return undefined;
  const groups = parts.map((part) => BigInt(`0x${part}`));
  return version4 === undefined ? groups : [...groups, version4 >> 16n, version4 & 0xffffn];
}
