import type { FirewallRule } from '../../address/firewall.ts';
import { hasPorts, nameProtocol } from '../../address/protocol.ts';
import { listAt, textAt, textsAt } from '../wire.ts';

/** The addresses of prefix lists by their ids; of a list that could not be read there are none. */
export type PrefixLists = ReadonlyMap<string, readonly string[]>;

/** The ids of prefix lists that a security group names. */
export function prefixListsOf(group: unknown): string[] {
  return ['ipPermissions', 'ipPermissionsEgress'].flatMap((direction) =>
    listAt(group, direction).flatMap((permission) => textsAt(permission, ['prefixListIds'], 'prefixListId')),
  );
}

/** One permission of a security group as a rule; the group's own id becomes `self`. */
export function readPermission(
  permission: unknown,
  direction: FirewallRule['direction'],
  own: string,
  lists: PrefixLists,
): FirewallRule {
  const protocol = nameProtocol(textAt(permission, 'ipProtocol'));
  const from = Number(textAt(permission, 'fromPort') ?? -1);
  const to = Number(textAt(permission, 'toPort') ?? -1);
  const named = textsAt(permission, ['prefixListIds'], 'prefixListId');
  const groups = textsAt(permission, ['groups'], 'groupId').map((id) => (id === own ? 'self' : id));
  const unresolved = named.filter((id) => !lists.has(id));
  const resolved = named.filter((id) => lists.has(id));
  const sources = ['ipRanges', 'ipv6Ranges', 'groups', 'prefixListIds'];
  const description = [...new Set(sources.flatMap((list) => textsAt(permission, [list], 'description')))].join('; ');
  return {
    direction,
    action: 'allow',
    priority: 0,
    protocol,
    // Of ICMP these are types and codes.
    ...(from >= 0 && to >= 0 && protocol !== 'any' && hasPorts(protocol) && { ports: [{ from, to }] }),
    addresses: [
      ...textsAt(permission, ['ipRanges'], 'cidrIp'),
      ...textsAt(permission, ['ipv6Ranges'], 'cidrIpv6'),
      ...resolved.flatMap((id) => lists.get(id) ?? []),
    ],
    ...(groups.length > 0 && { groups }),
    ...(resolved.length > 0 && { resolved }),
    ...(unresolved.length > 0 && { unresolved }),
    ...(description !== '' && { description }),
  };
}
