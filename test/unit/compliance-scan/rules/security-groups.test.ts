import { describe, expect, test } from '@jest/globals';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { normaliseGroup, normaliseInterface } from '#functions/compliance-scan/inventory/aws/normalise.ts';
import { tryExamples } from '#functions/compliance-scan/model/examples.ts';
import type { Verdict } from '#functions/compliance-scan/model/verdict.ts';
import { networkRules } from '#functions/compliance-scan/rules/network/network-rules.ts';

const place = { account: '123456789012', region: 'eu-central-1' };
const lists = new Map([
  ['pl-world', ['10.0.0.0/8', '0.0.0.0/0']],
  ['pl-office', ['8.8.8.0/24']],
]);

test.each(networkRules)('$id lives up to its examples', (rule) => {
  expect(tryExamples(rule)).toEqual([]);
});

/** A permission as AWS writes it. */
type IpPermission = Readonly<Record<string, unknown>>;

/** What the rules say of a group of AWS with these permissions, and with something behind it or not. */
function judge(permissions: IpPermission[], attached?: 'public' | 'private'): Verdict[] {
  const active = networkRules.map((rule) => ({
    rule,
    parameters: rule.parameters?.parse({}) ?? {},
    severity: rule.severity,
  }));
  const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
  const group = { groupId: 'sg-1', groupName: 'lake', ipPermissions: permissions };
  const verdicts = evaluation.add(normaliseGroup(group, place, lists));
  if (attached !== undefined) {
    const association = attached === 'public' ? { publicIp: '3.3.3.3' } : {};
    evaluation.add(normaliseInterface({ status: 'in-use', groupSet: [{ groupId: 'sg-1' }], association }, place));
  }
  return [...verdicts, ...evaluation.finish()];
}

function ssh(permissions: IpPermission[], attached?: 'public' | 'private'): Partial<Verdict> {
  const [verdict = {}] = judge(permissions, attached).filter(({ rule }) => rule === 'network-no-open-admin-ports');
  return verdict;
}

const tcp = (from: number, to: number, more: IpPermission): IpPermission => ({
  ipProtocol: 'tcp',
  fromPort: String(from),
  toPort: String(to),
  ...more,
});
const from = (...blocks: readonly string[]): IpPermission => ({
  ipRanges: blocks.map((cidrIp) => ({ cidrIp })),
});
const from6 = (...blocks: readonly string[]): IpPermission => ({
  ipv6Ranges: blocks.map((cidrIpv6) => ({ cidrIpv6 })),
});
const list = (...ids: readonly string[]): IpPermission => ({
  prefixListIds: ids.map((prefixListId) => ({ prefixListId })),
});
const any = (more: IpPermission): IpPermission => ({ ipProtocol: '-1', ...more });
const eights = Array.from({ length: 256 }, (_, first) => `${first}.0.0.0/8`);

describe('ssh is open', () => {
  test.each<[string, string, IpPermission[]]>([
    ['world', 'all of IPv4', [tcp(22, 22, from('0.0.0.0/0'))]],
    ['world', 'all of IPv6', [tcp(22, 22, from6('::/0'))]],
    ['world', 'a long spelling of ::/0', [tcp(22, 22, from6('0000:0000:0000:0000:0000:0000:0000:0000/0'))]],
    ['world', 'a range of ports with 22 in it', [tcp(20, 25, from('0.0.0.0/0'))]],
    ['world', 'all ports', [tcp(0, 65_535, from('0.0.0.0/0'))]],
    ['world', 'all protocols', [any(from('0.0.0.0/0'))]],
    ['world', 'all protocols of IPv6', [any(from6('::/0'))]],
    ['world', 'the protocol by its number', [{ ipProtocol: '6', fromPort: '22', toPort: '22', ...from('0.0.0.0/0') }]],
    ['world', 'halves in one rule', [tcp(22, 22, from('0.0.0.0/1', '128.0.0.0/1'))]],
    ['world', 'halves in two rules', [tcp(20, 22, from('0.0.0.0/1')), tcp(22, 30, from('128.0.0.0/1'))]],
    ['world', 'halves of IPv6', [tcp(22, 22, from6('::/1', '8000::/1'))]],
    ['world', 'all of IPv6 that is given out', [tcp(22, 22, from6('2000::/3'))]],
    ['world', 'an address with a prefix of 0', [tcp(22, 22, from('1.2.3.4/0'))]],
    ['world', 'a prefix list that holds everything', [tcp(22, 22, list('pl-world'))]],
    [
      'world',
      'one bad block among good ones, said to be temporary',
      [
        tcp(22, 22, {
          ipRanges: [{ cidrIp: '10.0.0.0/8' }, { cidrIp: '0.0.0.0/0', description: 'temp' }, { cidrIp: '8.8.8.8/32' }],
        }),
      ],
    ],
    [
      'world',
      'all blocks of eight bits but the private one',
      [tcp(22, 22, from(...eights.filter((block) => !block.startsWith('10.'))))],
    ],
    ['world', 'an empty description', [tcp(22, 22, { ipRanges: [{ cidrIp: '0.0.0.0/0', description: '' }] })]],
    [
      'world',
      'the world beside a list that nobody can read',
      [tcp(22, 22, { ...from('0.0.0.0/0'), ...list('pl-theirs') })],
    ],
    ['wide', 'a block of six bits', [tcp(22, 22, from('64.0.0.0/6'))]],
    ['wide', 'one half', [tcp(22, 22, from('0.0.0.0/1'))]],
    ['wide', 'halves of different families', [tcp(22, 22, { ...from('0.0.0.0/1'), ...from6('8000::/1') })]],
    [
      'wide',
      'one half beside a list that nobody can read',
      [tcp(22, 22, { ...from('0.0.0.0/1'), ...list('pl-theirs') })],
    ],
  ])('to the %s: %s', (exposure, _what, permissions) => {
    expect(ssh(permissions)).toMatchObject({ status: 'fail', part: 'ssh', exposure });
  });
});

describe('ssh is not open', () => {
  test.each<[string, IpPermission[]]>([
    ['udp', [{ ipProtocol: 'udp', fromPort: '22', toPort: '22', ...from('0.0.0.0/0') }]],
    ['ICMP', [{ ipProtocol: 'icmp', fromPort: '-1', toPort: '-1', ...from('0.0.0.0/0') }]],
    ['ICMP of a type like the port', [{ ipProtocol: 'icmp', fromPort: '22', toPort: '22', ...from('0.0.0.0/0') }]],
    ['HTTPS', [tcp(443, 443, from('0.0.0.0/0'))]],
    ['a private block', [tcp(22, 22, from('10.0.0.0/8'))]],
    ['another private block', [tcp(22, 22, from('172.16.0.0/12'))]],
    ['one address', [tcp(22, 22, from('8.8.8.8/32'))]],
    ['unique local addresses', [tcp(22, 22, from6('fc00::/7'))]],
    ['the prefix list of an office', [tcp(22, 22, list('pl-office'))]],
    ['the group itself', [tcp(22, 22, { groups: [{ groupId: 'sg-1' }] })]],
    ['another group', [tcp(22, 22, { groups: [{ groupId: 'sg-2' }] })]],
    ['no rules', []],
  ])('%s', (_what, permissions) => {
    expect(ssh(permissions)).toMatchObject({ status: 'pass' });
  });

  test('a list that nobody can read is unknown, never private', () => {
    expect(ssh([tcp(22, 22, { ...from('10.0.0.0/8'), ...list('pl-theirs') })])).toMatchObject({
      status: 'unknown',
      exposure: 'unknown',
      reason: 'whom lake lets reach ssh depends on pl-theirs, which could not be resolved',
    });
  });

  test('what goes out does not count', () => {
    const group = { groupId: 'sg-1', groupName: 'lake', ipPermissionsEgress: [any(from('0.0.0.0/0'))] };
    const resource = normaliseGroup(group, place, lists);
    const failed = networkRules
      .filter(({ needs }) => needs === undefined)
      .flatMap((rule) =>
        rule.judge(resource, { parameters: rule.parameters?.parse({}) ?? {}, now: 0, related: () => [] }),
      )
      .filter(({ status }) => status === 'fail');
    expect(failed.map(({ reason }) => reason)).toEqual(['lake lets all protocols out to the whole internet']);
  });
});

test('an opening is worst where something with a public address is behind it, and never left out', () => {
  const open = [tcp(22, 22, from('0.0.0.0/0'))];
  expect(ssh(open, 'public')).toMatchObject({ severity: 'critical' });
  expect(ssh(open, 'private')).toMatchObject({ severity: 'high' });
  expect(ssh(open)).toMatchObject({
    severity: 'medium',
    reason: 'lake lets the whole internet reach ssh (tcp 22); nothing is behind it at present',
  });
});

test('all ports are told once, and each service of the lake by itself', () => {
  const failed = judge([tcp(0, 65_535, from('0.0.0.0/0'))], 'public').filter(({ status }) => status === 'fail');
  expect(new Set(failed.map(({ rule }) => rule))).toEqual(
    new Set([
      'network-few-open-ports',
      'network-no-open-admin-ports',
      'network-no-open-lake-ports',
      'network-rules-described',
    ]),
  );
  expect(failed.filter(({ rule }) => rule === 'network-no-open-lake-ports').map(({ part }) => part)).toContain('kafka');
  expect(failed.filter(({ rule }) => rule === 'network-few-open-ports').map(({ reason }) => reason)).toEqual([
    'lake lets the whole internet reach 65536 ports of tcp; something with a public address is behind it',
  ]);
});
