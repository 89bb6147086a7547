import { describe, expect, test } from '@jest/globals';
import { addressesOf, countAddresses, readAddresses } from '#functions/compliance-scan/address/address-set.ts';
import { exposureOf, exposureWithin, isOpen } from '#functions/compliance-scan/address/exposure.ts';
import { type FirewallRule, reachOf } from '#functions/compliance-scan/address/firewall.ts';
import { nameProtocol } from '#functions/compliance-scan/address/protocol.ts';
import { exposures } from '#functions/compliance-scan/model/verdict.ts';

describe('spellings', () => {
  test.each([
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['10.1.2.3/8', '10.0.0.0/255.0.0.0'],
    [' 10.0.0.0 - 10.255.255.255 ', '10.0.0.0/8'],
    ['0000:0000:0000:0000:0000:0000:0000:0000/0', '::/0'],
    ['0:0::0/0', '::/0'],
    ['2001:DB8::1', '2001:0db8:0:0:0:0:0:1/128'],
    ['::ffff:10.1.0.0/112', '10.1.0.0/16'],
    ['::1.2.3.4', '::102:304'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::/0'],
  ])('%s is %s', (one, other) => {
    expect(addressesOf(one)).toEqual(addressesOf(other));
  });

  test.each([
    '',
    '/0',
    '0.0.0.0/',
    '0.0.0.0/33',
    '0.0.0.0/0/0',
    '1.2.3',
    '1.2.3.256',
    '010.0.0.0/8',
    '0x0.0.0.0',
    '10.0.0.0/255.0.255.0',
    '1.2.3.9-1.2.3.1',
    '1.2.3.4-::1',
    '1-2-3',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    '1:2:3:4:5:6:7',
    '12345::',
    '::/129',
    ':1',
    '1.2.3.4::',
    'fe80::1%',
    'pl-0123',
    'Internet',
    '-',
  ])('%p names no addresses', (text) => {
    expect(readAddresses([text])).toEqual({ set: addressesOf(), unread: [text] });
  });

  test('a block of half of IPv6 is counted exactly', () => {
    expect(countAddresses(addressesOf('8000::/1', '10.0.0.0/31'))).toEqual({ v4: 2n, v6: 2n ** 127n });
  });

  test.each([
    ['6', 'tcp'],
    [6, 'tcp'],
    ['TCP', 'tcp'],
    ['-1', 'any'],
    ['all', 'any'],
    ['*', 'any'],
    [null, 'any'],
    ['ipv6-icmp', 'icmpv6'],
    ['58', 'icmpv6'],
    ['089', '89'],
  ])('protocol %p is %s', (written, name) => {
    expect(nameProtocol(written)).toBe(name);
  });
});

const eights = Array.from({ length: 256 }, (_, first) => `${first}.0.0.0/8`);

describe('exposure', () => {
  test.each([
    [['0.0.0.0/0'], 'world'],
    [['::/0'], 'world'],
    [['2000::/3'], 'world'],
    [['0.0.0.0/1', '128.0.0.0/1'], 'world'],
    [['::/1', '8000::/1'], 'world'],
    [eights.filter((block) => block !== '10.0.0.0/8'), 'world'],
    [eights.filter((block) => !block.startsWith('20')), 'wide'],
    [['0.0.0.0/1', '8000::/1'], 'wide'],
    [['0.0.0.0/1'], 'wide'],
    [['64.0.0.0/6'], 'wide'],
    [['2600::/12', '2400::/10'], 'wide'],
    [['44.0.0.0/8'], 'partner'],
    [['44.0.0.0/8', '45.0.0.0/32'], 'wide'],
    [['2600::/12'], 'partner'],
    [['8.8.8.8/32'], 'partner'],
    [['10.0.0.0/8', '8.8.8.8'], 'partner'],
    [['10.0.0.0/8'], 'private'],
    [['172.16.0.0/12'], 'private'],
    [['100.64.0.0/10', '127.0.0.1', '169.254.169.254'], 'private'],
    [['fc00::/7'], 'private'],
    [['8000::/1'], 'private'],
    [['224.0.0.0/4'], 'private'],
    [[], 'none'],
  ])('%j is %s', (texts, exposure) => {
    expect(exposureOf(addressesOf(...texts))).toBe(exposure);
  });

  test('partners make nothing wide, and the world stays the world', () => {
    const partners = addressesOf('64.0.0.0/6');
    expect(exposureOf(addressesOf('64.0.0.0/6'), { partners })).toBe('partner');
    expect(exposureOf(addressesOf('64.0.0.0/5'), { partners })).toBe('wide');
    expect(exposureOf(addressesOf('0.0.0.0/0'), { partners })).toBe('world');
    expect(exposureOf(addressesOf('44.0.0.0/8'), { widePrefix: 16 })).toBe('wide');
  });

  test('strangers come in where the world or a wide part of it does', () => {
    expect(exposures.filter((exposure) => isOpen(exposure))).toEqual(['world', 'wide']);
  });

  test('what could not be resolved is unknown, unless the rest is the world already', () => {
    const [few, all] = [addressesOf('10.0.0.0/8'), addressesOf('0.0.0.0/0')];
    expect(exposureWithin({ least: few, most: all })).toBe('unknown');
    expect(exposureWithin({ least: all, most: all })).toBe('world');
    expect(exposureWithin({ least: few, most: few })).toBe('private');
  });
});

const allow = (rule: Partial<FirewallRule>): FirewallRule => ({
  direction: 'ingress',
  action: 'allow',
  priority: 0,
  protocol: 'tcp',
  addresses: [],
  ...rule,
});
const ssh = [{ from: 22, to: 22 }];

describe('reach', () => {
  test('an unresolved prefix list may be everything, and is named', () => {
    const reach = reachOf(
      { rules: [allow({ unresolved: ['pl-2', 'pl-1'] }), allow({ addresses: ['10.0.0.x'] })] },
      'ingress',
      'tcp',
      22,
    );
    expect(reach.unresolved).toEqual(['10.0.0.x', 'pl-1', 'pl-2']);
    expect(exposureWithin(reach)).toBe('unknown');
  });

  test('an unresolved set that may be denied cannot hide what is private anyway', () => {
    const deny = allow({ action: 'deny', unresolved: ['Storage'] });
    const open = allow({ priority: 1, addresses: ['0.0.0.0/0'] });
    const inside = allow({ priority: 1, addresses: ['10.0.0.0/8'] });
    expect(exposureWithin(reachOf({ rules: [open, deny] }, 'ingress', 'tcp', 22))).toBe('unknown');
    expect(exposureOf(reachOf({ rules: [inside, deny] }, 'ingress', 'tcp', 22).most)).toBe('private');
  });

  test('what is denied first is not allowed later, in whatever order rules are listed', () => {
    const deny = allow({ action: 'deny', priority: 100, addresses: ['0.0.0.0/0', '::/0'], ports: ssh });
    const open = allow({ priority: 200, addresses: ['0.0.0.0/0'] });
    for (const rules of [
      [deny, open],
      [open, deny],
    ]) {
      expect(exposureWithin(reachOf({ rules }, 'ingress', 'tcp', 22))).toBe('none');
      expect(exposureWithin(reachOf({ rules }, 'ingress', 'tcp', 23))).toBe('world');
    }
    const first = { rules: [deny, { ...open, priority: 50 }] };
    expect(exposureWithin(reachOf(first, 'ingress', 'tcp', 22))).toBe('world');
    const same = { rules: [deny, { ...open, priority: 100 }] };
    expect(exposureWithin(reachOf(same, 'ingress', 'tcp', 22))).toBe('none');
  });

  test('other directions, protocols and ports do not count; groups add no addresses', () => {
    const rules = [
      allow({ direction: 'egress', addresses: ['0.0.0.0/0'] }),
      allow({ protocol: 'udp', addresses: ['0.0.0.0/0'] }),
      allow({ ports: [{ from: 443, to: 443 }], addresses: ['0.0.0.0/0'] }),
      allow({ groups: ['self', 'sg-1'] }),
    ];
    expect(reachOf({ rules }, 'ingress', 'tcp', 22)).toMatchObject({
      least: addressesOf(),
      most: addressesOf(),
      groups: ['self', 'sg-1'],
    });
    expect(exposureWithin(reachOf({ rules }, 'ingress', 'any'))).toBe('none');
  });
});
