import type { IpPermission } from '@aws-sdk/client-ec2';
import type { FirewallRule } from '../../address/firewall.ts';
import { hasPorts, nameProtocol } from '../../address/protocol.ts';

/** The addresses of prefix lists by their ids; of a list that could not be read there are none. */
export type PrefixLists = ReadonlyMap<string, readonly string[]>;

/** The ids of prefix lists that permissions name. */
export function prefixListsOf(permissions: readonly IpPermission[]): string[] {
  return permissions.flatMap(({ PrefixListIds = [] }) => PrefixListIds.map(({ PrefixListId = '' }) => PrefixListId));
}

/** One permission of a security group as a rule; the group's own id becomes `self`. */
export function readPermission(
  permission: IpPermission,
  direction: FirewallRule['direction'],
  own: string,
  lists: PrefixLists,
): FirewallRule {
  const { FromPort: from, ToPort: to, IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [] } = permission;
  const protocol = nameProtocol(permission.IpProtocol);
  const named = prefixListsOf([permission]);
  const groups = UserIdGroupPairs.map(({ GroupId = '' }) => (GroupId === own ? 'self' : GroupId));
  const unresolved = named.filter((id) => !lists.has(id));
  const resolved = named.filter((id) => lists.has(id));
  const described = [...IpRanges, ...Ipv6Ranges, ...UserIdGroupPairs, ...(permission.PrefixListIds ?? [])];
  const description = [...new Set(described.map(({ Description = '' }) => Description))]
    .filter((text) => text !== '')
    .join('; ');
  return {
    direction,
    action: 'allow',
    priority: 0,
    protocol,
    // Of ICMP these are types and codes.
    ...(from !== undefined &&
      to !== undefined &&
      from >= 0 &&
      protocol !== 'any' &&
      hasPorts(protocol) && { ports: [{ from, to }] }),
    addresses: [
      ...IpRanges.map(({ CidrIp = '' }) => CidrIp),
      ...Ipv6Ranges.map(({ CidrIpv6 = '' }) => CidrIpv6),
      ...resolved.flatMap((id) => lists.get(id) ?? []),
    ],
    ...(groups.length > 0 && { groups }),
    ...(resolved.length > 0 && { resolved }),
    ...(unresolved.length > 0 && { unresolved }),
    ...(description !== '' && { description }),
  };
}
