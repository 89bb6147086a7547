import type { FirewallRule } from '../../address/firewall.ts';
import { hasPorts, nameProtocol } from '../../address/protocol.ts';
import type { Resource } from '../../model/resource.ts';
import { isRecord, listAt, textAt } from '../wire.ts';
import type { OpenstackGroupBody } from './kinds.ts';

/** The addresses of address groups by their ids; of one that could not be read there are none. */
export type AddressGroups = ReadonlyMap<string, readonly string[]>;

/** The ids of address groups that a security group names. */
export function addressGroupsOf(group: unknown): string[] {
  return listAt(group, 'security_group_rules').flatMap((rule) => textAt(rule, 'remote_address_group_id') ?? []);
}

/** A security group of Neutron as rules see it. */
export function normaliseOpenstackGroup(
  group: unknown,
  scope: string,
  place: Readonly<Record<string, string>>,
  known: AddressGroups,
): Resource<OpenstackGroupBody> {
  const id = textAt(group, 'id') ?? '';
  const name = textAt(group, 'name') ?? id;
  const revision = isRecord(group) ? group.revision_number : undefined;
  return {
    uid: `${scope}/${id}`,
    kind: 'openstack.SecurityGroup',
    scope,
    name,
    place: { ...place, project: textAt(group, 'project_id') ?? '', id },
    labels: labelsOf(listAt(group, 'tags')),
    ...(typeof revision === 'number' && { version: String(revision) }),
    body: {
      id,
      description: textAt(group, 'description') ?? '',
      network: textAt(group, 'project_id') ?? '',
      isDefault: name === 'default',
      rules: listAt(group, 'security_group_rules').map((rule) => readRule(rule, id, known)),
    },
  };
}

function readRule(rule: unknown, own: string, known: AddressGroups): FirewallRule {
  const { port_range_min: from, port_range_max: to } = isRecord(rule) ? rule : {};
  const protocol = nameProtocol(textAt(rule, 'protocol'));
  const prefix = textAt(rule, 'remote_ip_prefix');
  const group = textAt(rule, 'remote_group_id');
  const list = textAt(rule, 'remote_address_group_id');
  const description = textAt(rule, 'description');
  const isOpen = prefix === undefined && group === undefined && list === undefined;
  // A rule that names nobody means everybody of its family.
  const everybody = textAt(rule, 'ethertype') === 'IPv6' ? '::/0' : '0.0.0.0/0';
  const addresses = [
    ...(prefix === undefined ? [] : [prefix]),
    ...(isOpen ? [everybody] : []),
    ...(known.get(list ?? '') ?? []),
  ];
  return {
    direction: textAt(rule, 'direction') === 'egress' ? 'egress' : 'ingress',
    action: 'allow',
    priority: 0,
    protocol,
    // Of ICMP these are types and codes.
    ...(typeof from === 'number' && typeof to === 'number' && hasPorts(protocol) && { ports: [{ from, to }] }),
    addresses,
    ...(group !== undefined && { groups: [group === own ? 'self' : group] }),
    ...(list !== undefined && (known.has(list) ? { resolved: [list] } : { unresolved: [list] })),
    ...(description !== undefined && { description }),
  };
}

/** Tags of Neutron are single texts; people write `owner=lake` or `owner:lake`. */
function labelsOf(tags: readonly unknown[]): Record<string, string> {
  const pairs = tags
    .filter((tag) => typeof tag === 'string')
    .map((tag) => /^(?<name>[^=:]+)[=:](?<value>.*)$/su.exec(tag)?.slice(1) ?? [tag, ''])
    .map(([name = '', value = '']) => [name.trim(), value.trim()] as const);
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));
}
