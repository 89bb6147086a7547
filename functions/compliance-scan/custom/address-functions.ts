import { type CelFunc, celFunc, celMethod, CelScalar, listType } from '@bufbuild/cel';
import { isIP } from 'node:net';
import { parseAddressRange } from '../address/address-text.ts';
import { isNowhere, readAddresses, subtractAddresses } from '../address/address-set.ts';
import { exposureOf, exposureWithin } from '../address/exposure.ts';
import { type Firewall, reachOf } from '../address/firewall.ts';
import { fromCelValue } from './cel-value.ts';

const { BOOL, DYN, INT, STRING } = CelScalar;

/**
 * Addresses: what Kubernetes' CEL says of them (`ip`, `cidr`, `containsIP`, …; an address or block is handed on as its text),
 * and `exposure`: of blocks together, or of a firewall's port, as rules of ours see it.
 */
export const addressFunctions: CelFunc[] = [
  celFunc('isIP', [STRING], BOOL, (text) => isIP(text) !== 0),
  celFunc('ip', [STRING], STRING, (text) => check(text, isIP(text) !== 0, 'address')),
  celFunc('isCIDR', [STRING], BOOL, isBlock),
  celFunc('cidr', [STRING], STRING, (text) => check(text, isBlock(text), 'block of addresses')),
  celMethod('family', STRING, [], INT, function () {
    return BigInt(isIP(this.split('/')[0] ?? ''));
  }),
  celMethod('ip', STRING, [], STRING, function () {
    return check(this.split('/')[0] ?? '', isBlock(this), 'block of addresses');
  }),
  celMethod('prefixLength', STRING, [], INT, function () {
    return BigInt(check(this, isBlock(this), 'block of addresses').split('/')[1] ?? '');
  }),
  celMethod('containsIP', STRING, [STRING], BOOL, function (address) {
    return contains(this, check(address, isIP(address) !== 0, 'address'));
  }),
  celMethod('containsCIDR', STRING, [STRING], BOOL, function (block) {
    return contains(this, check(block, isBlock(block), 'block of addresses'));
  }),
  celFunc('exposure', [listType(DYN)], STRING, (blocks) => {
    const { set, unread } = readAddresses([...blocks].map(String));
    if (unread.length > 0) throw new Error(`not addresses: ${unread.slice(0, 3).join(', ')}`);
    return exposureOf(set);
  }),
  celFunc('exposure', [DYN, STRING, INT], STRING, (firewall, protocol, port) => {
    const plain = fromCelValue(firewall) as unknown as Partial<Firewall> | null;
    if (!Array.isArray(plain?.rules)) throw new Error('not a firewall: it has no rules');
    return exposureWithin(reachOf({ rules: plain.rules }, 'ingress', protocol, Number(port)));
  }),
];

function isBlock(text: string): boolean {
  return /\/\d{1,3}$/.test(text) && parseAddressRange(text) !== undefined;
}

function check(text: string, isRight: boolean, what: string): string {
  if (!isRight) throw new Error(`not a${what.startsWith('a') ? 'n' : ''} ${what}`);
  return text;
}

function contains(block: string, inner: string): boolean {
  const whole = readAddresses([check(block, isBlock(block), 'block of addresses')]).set;
  return isNowhere(subtractAddresses(readAddresses([inner]).set, whole));
}
