import type { Firewall, FirewallRule, PortRange } from '../../address/firewall.ts';
import { nameProtocol } from '../../address/protocol.ts';
import type { Resource } from '../../model/resource.ts';

/** The kind that is listed. */
export const firewallKind = 'gcp.Firewall';

/** A rule as Compute Engine describes it, as far as it concerns us: https://cloud.google.com/compute/docs/reference/rest/v1/firewalls */
interface RawRule {
  readonly name?: string;
  readonly network?: string;
  readonly priority?: number;
  readonly direction?: string;
  readonly disabled?: boolean;
  readonly description?: string;
  readonly sourceRanges?: readonly string[];
  readonly destinationRanges?: readonly string[];
  readonly sourceTags?: readonly string[];
  readonly sourceServiceAccounts?: readonly string[];
  readonly targetTags?: readonly string[];
  readonly targetServiceAccounts?: readonly string[];
  readonly allowed?: readonly Traffic[];
  readonly denied?: readonly Traffic[];
}

interface Traffic {
  readonly IPProtocol?: string;
  readonly ports?: readonly string[];
}

/** Body of `gcp.Firewall`: all rules of a network that concern instances of one target. */
export interface GcpFirewallBody extends Firewall {
  readonly network: string;
  /** A tag or service account of instances; empty for instances that no rule names. */
  readonly target: string;
}

/** What is not said otherwise: everything may go out (https://cloud.google.com/firewall/docs/firewalls#default_firewall_rules). */
const implied: FirewallRule = {
  direction: 'egress',
  action: 'allow',
  priority: 65_535,
  protocol: 'any',
  addresses: ['0.0.0.0/0', '::/0'],
  description: 'implied by every network',
};

/**
 * The firewalls of a project: of each network one for instances that no rule names, and one for each tag or service account
 * that rules name, with those for all instances, too. So what one rule opens and another denies is weighed together.
 */
export function normaliseFirewalls(
  rules: readonly unknown[],
  project: string,
  scope: string,
): Resource<GcpFirewallBody>[] {
  const active = rules.map((rule) => rule as RawRule).filter(({ disabled }) => disabled !== true);
  const byNetwork = Map.groupBy(active, ({ network }) => lastOf(network ?? ''));
  return [...byNetwork.keys()].toSorted().flatMap((network) => {
    const ones = byNetwork.get(network) ?? [];
    const targets = [...new Set(['', ...ones.flatMap(targetsOf)])].toSorted();
    return targets.map((target) => firewallOf(ones, { project, network, target, scope }));
  });
}

function firewallOf(
  rules: readonly RawRule[],
  { project, network, target, scope }: { project: string; network: string; target: string; scope: string },
): Resource<GcpFirewallBody> {
  const concerning = rules.filter((rule) => {
    const named = targetsOf(rule);
    return named.length === 0 || named.includes(target);
  });
  return {
    uid: `gcp/${project}/${firewallKind}/${network}/${target}`,
    kind: firewallKind,
    scope,
    name: target === '' ? network : `${network}, ${target}`,
    place: { project, network, ...(target === '' ? {} : { target }) },
    body: { network, target, rules: [...concerning.flatMap(readRule), implied] },
  };
}

function targetsOf({ targetTags = [], targetServiceAccounts = [] }: RawRule): string[] {
  return [...targetTags.map((tag) => `tag ${tag}`), ...targetServiceAccounts.map((one) => `account ${one}`)];
}

function readRule(rule: RawRule): FirewallRule[] {
  const { direction, allowed = [], denied = [], name = '', priority = 1_000 } = rule;
  const ingress = direction !== 'EGRESS';
  const groups = [...(rule.sourceTags ?? []), ...(rule.sourceServiceAccounts ?? [])];
  const ranges = ingress ? rule.sourceRanges : rule.destinationRanges;
  // Without ranges a rule is for all addresses, unless it names instances as its sources.
  const addresses = ranges ?? (ingress && groups.length > 0 ? [] : ['0.0.0.0/0', '::/0']);
  const make = (action: 'allow' | 'deny', { IPProtocol, ports }: Traffic): FirewallRule => {
    const read = readPorts(ports);
    return {
      direction: ingress ? 'ingress' : 'egress',
      action,
      priority,
      protocol: nameProtocol(IPProtocol ?? 'all'),
      ...(read === undefined ? {} : { ports: read }),
      addresses,
      groups,
      description: name,
    };
  };
  // What is denied for some addresses of the own side only, or for ports that cannot be read, is still let in elsewhere.
  const near = (ingress ? rule.destinationRanges : rule.sourceRanges) ?? [];
  const whole = denied.filter(
    ({ ports = [] }) => near.length === 0 && (ports.length === 0 || readPorts(ports) !== undefined),
  );
  return [...allowed.map((traffic) => make('allow', traffic)), ...whole.map((traffic) => make('deny', traffic))];
}

function readPorts(texts: readonly string[] | undefined): PortRange[] | undefined {
  if (texts === undefined || texts.length === 0) return undefined;
  const ranges = texts.map((text) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text));
  // What cannot be read may be all.
  if (ranges.includes(null)) return undefined;
  return ranges.map((range) => ({ from: Number(range?.[1]), to: Number(range?.[2] ?? range?.[1]) }));
}

function lastOf(url: string): string {
  return url.split('/').at(-1) ?? '';
}
