import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AddressSet, addressesOf, readAddresses } from '#functions/compliance-scan/address/address-set.ts';
import { exposureOf, exposureWithin } from '#functions/compliance-scan/address/exposure.ts';
import { covers, type FirewallRule, reachOf } from '#functions/compliance-scan/address/firewall.ts';

/** An IPv4 address as text. */
function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

// A world of 256 blocks of IPv4 (one /8 each), so that brute force can try one address in each.
const block = fc
  .record({ first: fc.integer({ min: 0, max: 255 }), prefix: fc.integer({ min: 0, max: 8 }) })
  .map(({ first, prefix }) => `${first}.7.7.7/${prefix}`);
const named = fc.array(block, { maxLength: 6 });
const port = fc.integer({ min: 1, max: 6 });
const rule: fc.Arbitrary<FirewallRule> = fc.record({
  direction: fc.constantFrom('ingress', 'egress'),
  action: fc.constantFrom('allow', 'allow', 'deny'),
  priority: fc.integer({ min: 0, max: 3 }),
  protocol: fc.constantFrom('tcp', 'udp', 'any'),
  ports: fc.array(
    fc.tuple(port, port).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
    { minLength: 1, maxLength: 2 },
  ),
  addresses: named,
});
const rules = fc.array(rule, { maxLength: 8 });

/** Whether a text's block holds one address, by bits, the plain way. */
function holds(text: string, address: number): boolean {
  const [base = '', prefix] = text.split('/');
  const value = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(value / size) === Math.floor(address / size);
}

/** Whether one address gets through: the first rule in order that covers it decides. */
function letsIn(all: readonly FirewallRule[], address: number, protocol: string, to: number): boolean {
  const deciding = all
    .filter((each) => each.direction === 'ingress' && covers(each, protocol, to))
    .filter(({ addresses }) => addresses.some((text) => holds(text, address)));
  const first = Math.min(...deciding.map(({ priority }) => priority));
  const decided = deciding.filter(({ priority }) => priority === first);
  return decided.length > 0 && decided.every(({ action }) => action === 'allow');
}

function includes({ v4 }: AddressSet, address: number): boolean {
  return v4.some(({ first, last }) => first <= address && address <= last);
}

const samples = Array.from({ length: 256 }, (_, first) => first * 2 ** 24 + 12_345);
const publicSamples = samples.filter((address) => exposureOf(addressesOf(dotted(address))) === 'partner');
const isPublic = new Set(publicSamples);

test('who reaches a port is who gets through, address by address', () => {
  fc.assert(
    fc.property(rules, fc.constantFrom('tcp', 'udp'), port, (all, protocol, to) => {
      const { least, most } = reachOf({ rules: all }, 'ingress', protocol, to);
      expect(least).toEqual(most);
      const through = samples.filter((address) => letsIn(all, address, protocol, to));
      expect(samples.filter((address) => includes(least, address))).toEqual(through);
      const exposure = exposureOf(least);
      const open = through.filter((address) => isPublic.has(address)).length;
      const share = open / publicSamples.length;
      if (through.length === 0) expect(exposure).toBe('none');
      else if (open === 0) expect(exposure).toBe('private');
      else if (share >= 0.99) expect(exposure).toBe('world');
      else expect(exposure).toBe(open > 1 ? 'wide' : 'partner');
    }),
    { numRuns: 100 },
  );
});

test('splitting, doubling and reordering rules and addresses changes nothing', () => {
  fc.assert(
    fc.property(
      rules.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      port,
      ([all, shuffled], to) => {
        const split = shuffled.flatMap((each) =>
          each.addresses.length === 0
            ? [each]
            : each.addresses.toReversed().map((text) => ({ ...each, addresses: halve(text) })),
        );
        expect(reachOf({ rules: [...split, ...split] }, 'ingress', 'tcp', to)).toEqual(
          reachOf({ rules: all }, 'ingress', 'tcp', to),
        );
      },
    ),
    { numRuns: 100 },
  );
});

/** A block as its two halves, in another spelling. */
function halve(text: string): string[] {
  const { first = 0n, last = 0n } = addressesOf(text).v4[0] ?? {};
  const middle = (first + last) / 2n;
  return [
    `${dotted(Number(middle + 1n))}-${dotted(Number(last))}`,
    `${dotted(Number(first))}-${dotted(Number(middle))}`,
  ];
}

test('whatever an unresolved set holds, the truth lies between the bounds', () => {
  const partly = fc.array(fc.tuple(rule, fc.option(named)), { maxLength: 6 });
  fc.assert(
    fc.property(partly, port, (all, to) => {
      const known = all.map(([each, hidden]) => (hidden === null ? each : { ...each, unresolved: ['pl-1'] }));
      const truth = all.map(([each, hidden]) => ({ ...each, addresses: [...each.addresses, ...(hidden ?? [])] }));
      const bounds = reachOf({ rules: known }, 'ingress', 'tcp', to);
      const through = new Set(samples.filter((address) => letsIn(truth, address, 'tcp', to)));
      const surely = samples.filter((address) => includes(bounds.least, address));
      const maybe = new Set(samples.filter((address) => includes(bounds.most, address)));
      expect(surely.filter((address) => !through.has(address))).toEqual([]);
      expect([...through].filter((address) => !maybe.has(address))).toEqual([]);
      const said = exposureWithin(bounds);
      if (said !== 'unknown') expect(said).toBe(exposureOf(reachOf({ rules: truth }, 'ingress', 'tcp', to).least));
    }),
    { numRuns: 100 },
  );
});

test('no text makes the reading of addresses fail, and IPv6 comes back from its own spelling', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[\da-f.:/%-]{0,45}$/),
      fc.ipV6(),
      (any, near, address) => {
        readAddresses([any, near]);
        const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
        expect(addressesOf(address)).toEqual(addressesOf(canonical));
      },
    ),
  );
});
