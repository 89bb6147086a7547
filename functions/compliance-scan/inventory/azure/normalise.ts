import type { Firewall, FirewallRule, PortRange } from '../../address/firewall.ts';
import { nameProtocol } from '../../address/protocol.ts';
import type { Resource } from '../../model/resource.ts';

/** The kind that is listed. */
export const groupKind = 'azure.NetworkSecurityGroup';

/** The id of the listing of a subscription. */
export function scopeOf(subscription: string): string {
  return `azure/${subscription.toLowerCase()}/${groupKind}`;
}

/** Body of `azure.NetworkSecurityGroup`; its rules are Azure's default ones, too. */
export interface NetworkSecurityGroupBody extends Firewall {
  /** Subnets and network interfaces that it guards. */
  readonly guards: readonly string[];
}

/** What an id of the Resource Manager says of a group, or of something in it; undefined for ids of other things. */
export function parseGroupId(
  id: string,
): { subscription: string; resourceGroup: string; name: string; isGroup: boolean } | undefined {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/networkSecurityGroups\/([^/]+)(\/.+)?$/i.exec(
      id,
    );
  const [, subscription, resourceGroup, name, rest] = match ?? [];
  if (subscription === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscription: subscription.toLowerCase(), resourceGroup, name, isGroup: rest === undefined };
}

/** A group as the Resource Manager describes it (Microsoft.Network/networkSecurityGroups) as a resource; undefined for none. */
export function normaliseGroup(raw: unknown, scope: string): Resource<NetworkSecurityGroupBody> | undefined {
  const { id, etag, location, tags, properties } = record(raw);
  const parsed = typeof id === 'string' ? parseGroupId(id) : undefined;
  if (parsed === undefined || !isRecord(properties)) return undefined;
  const { subscription, resourceGroup, name } = parsed;
  const { resourceGuid, securityRules, defaultSecurityRules, subnets, networkInterfaces } = properties;
  const key = typeof resourceGuid === 'string' ? resourceGuid : `${resourceGroup.toLowerCase()}/${name.toLowerCase()}`;
  return {
    uid: `azure/${subscription}/${groupKind}/${key}`,
    kind: groupKind,
    scope,
    name,
    place: { subscription, ...(typeof location === 'string' ? { region: location } : {}), resourceGroup },
    labels: isRecord(tags) ? Object.fromEntries(Object.entries(tags).map(([tag, value]) => [tag, String(value)])) : {},
    ...(typeof etag === 'string' ? { version: etag } : {}),
    body: {
      rules: [...list(securityRules), ...list(defaultSecurityRules)]
        .filter((rule) => !isPartialDenial(rule))
        .map(readRule),
      guards: [...list(subnets), ...list(networkInterfaces)].map((one) => String(record(one)['id'])).toSorted(),
    },
  };
}

/**
 * Whether a rule denies for some machines, source ports or unreadable ports only: what it denies is still let in elsewhere, so it
 * must not be taken from what others allow.
 */
function isPartialDenial(raw: unknown): boolean {
  const rule = record(record(raw)['properties']);
  if (String(rule['access']).toLowerCase() !== 'deny') return false;
  const near = String(rule['direction']).toLowerCase() === 'outbound' ? 'source' : 'destination';
  const guarded = [rule[`${near}AddressPrefix`], ...list(rule[`${near}AddressPrefixes`])].filter(isText);
  const from = [rule['sourcePortRange'], ...list(rule['sourcePortRanges'])].filter(isText);
  const ports = [rule['destinationPortRange'], ...list(rule['destinationPortRanges'])].filter(isText);
  return (
    list(rule[`${near}ApplicationSecurityGroups`]).length > 0 ||
    guarded.some((prefix) => !['*', 'any', '0.0.0.0/0', 'virtualnetwork'].includes(prefix.toLowerCase())) ||
    from.some((text) => text !== '*' && text !== '0-65535') ||
    (readPorts(ports) === undefined && !ports.includes('*'))
  );
}

/** What is left unread makes a rule that may concern anybody: never one that concerns nobody. */
function readRule(raw: unknown): FirewallRule {
  const { name, properties } = record(raw);
  const rule = record(properties);
  const ingress = String(rule['direction']).toLowerCase() !== 'outbound';
  const side = ingress ? 'source' : 'destination';
  const prefixes = [rule[`${side}AddressPrefix`], ...list(rule[`${side}AddressPrefixes`])].filter(
    (prefix): prefix is string => typeof prefix === 'string' && prefix !== '',
  );
  const asGroups = list(rule[`${side}ApplicationSecurityGroups`]).map((one) => String(record(one)['id']));
  const sorted = prefixes.map(readPrefix);
  const ports = readPorts([rule['destinationPortRange'], ...list(rule['destinationPortRanges'])]);
  const priority = Number(rule['priority']);
  return {
    direction: ingress ? 'ingress' : 'egress',
    action: String(rule['access']).toLowerCase() === 'deny' ? 'deny' : 'allow',
    priority: Number.isFinite(priority) ? priority : 0,
    protocol: nameProtocol(typeof rule['protocol'] === 'string' ? rule['protocol'] : '*'),
    ...(ports === undefined ? {} : { ports }),
    addresses: sorted.flatMap(({ addresses = [] }) => addresses),
    groups: [...sorted.flatMap(({ group = [] }) => group), ...asGroups],
    unresolved: [
      ...sorted.flatMap(({ tag = [] }) => tag),
      ...(prefixes.length + asGroups.length === 0 ? [`no ${side} in rule ${String(name)}`] : []),
    ],
    description: String(name),
  };
}

interface Prefix {
  readonly addresses?: readonly string[];
  readonly group?: readonly string[];
  readonly tag?: readonly string[];
}

/** https://learn.microsoft.com/azure/virtual-network/service-tags-overview */
function readPrefix(prefix: string): Prefix {
  const name = prefix.toLowerCase();
  if (['*', 'any', 'internet'].includes(name)) return { addresses: ['0.0.0.0/0', '::/0'] };
  // Networks of the customer's own, and the probes of Azure's load balancers: nobody of the internet.
  if (name === 'virtualnetwork' || name === 'azureloadbalancer') return { group: [prefix] };
  return /^[0-9a-f.:/-]+$/.test(name) && /[.:]/.test(name)
    ? { addresses: [prefix] }
    : { tag: [`service tag ${prefix}`] };
}

function readPorts(written: readonly unknown[]): PortRange[] | undefined {
  const texts = written.filter((text): text is string => typeof text === 'string' && text !== '');
  const ranges = texts.map((text) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text));
  // All ports, or something that we cannot read, which may be all.
  if (texts.length === 0 || ranges.includes(null)) return undefined;
  return ranges.map((range) => ({ from: Number(range?.[1]), to: Number(range?.[2] ?? range?.[1]) }));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
