import type { Resource } from '../../model/resource.ts';
import type {
  InstanceBody,
  Listener,
  LoadBalancerBody,
  NetworkInterfaceBody,
  SecurityGroupBody,
  VolumeBody,
} from './kinds.ts';
import { type PrefixLists, readPermission } from './permission.ts';
import { type AwsPlace, makeResource, tagsOf } from './place.ts';
import { listAt, textAt, textsAt } from '../wire.ts';

/** A security group as rules see it. */
export function normaliseGroup(group: unknown, place: AwsPlace, lists: PrefixLists): Resource<SecurityGroupBody> {
  const id = textAt(group, 'groupId') ?? '';
  const name = textAt(group, 'groupName');
  return makeResource(
    'SecurityGroup',
    place,
    { id, name, tags: tagsOf(listAt(group, 'tagSet')) },
    {
      id,
      description: textAt(group, 'groupDescription') ?? '',
      network: textAt(group, 'vpcId') ?? '',
      isDefault: name === 'default',
      rules: [
        ...listAt(group, 'ipPermissions').map((permission) => readPermission(permission, 'ingress', id, lists)),
        ...listAt(group, 'ipPermissionsEgress').map((permission) => readPermission(permission, 'egress', id, lists)),
      ],
    },
  );
}

/** A network interface as rules see it. */
export function normaliseInterface(port: unknown, place: AwsPlace): Resource<NetworkInterfaceBody> {
  return makeResource(
    'NetworkInterface',
    place,
    { id: textAt(port, 'networkInterfaceId') ?? '', tags: tagsOf(listAt(port, 'tagSet')) },
    {
      inUse: textAt(port, 'status') === 'in-use' || textAt(port, 'attachment', 'status') === 'attached',
      groups: groupsOf(port),
      publicAddresses: sorted(publicAddressesOf(port)),
      attachedTo: textAt(port, 'attachment', 'instanceId') ?? textAt(port, 'description') ?? '',
      type: textAt(port, 'interfaceType') ?? '',
    },
  );
}

/** An instance as rules see it. */
export function normaliseInstance(instance: unknown, place: AwsPlace): Resource<InstanceBody> {
  const id = textAt(instance, 'instanceId') ?? '';
  const ports = listAt(instance, 'networkInterfaceSet');
  const tags = tagsOf(listAt(instance, 'tagSet'));
  return makeResource(
    'Instance',
    place,
    { id, name: nameBy(tags), tags },
    {
      state: textAt(instance, 'instanceState', 'name') ?? 'unknown',
      image: textAt(instance, 'imageId') ?? '',
      network: textAt(instance, 'vpcId') ?? '',
      groups: sorted([instance, ...ports].flatMap((each) => groupsOf(each))),
      publicAddresses: sorted([
        textAt(instance, 'ipAddress') ?? '',
        ...ports.flatMap((port) => publicAddressesOf(port)),
      ]),
      metadata: metadataOf(instance),
      hasRole: textAt(instance, 'iamInstanceProfile', 'arn') !== undefined,
    },
  );
}

/** A volume as rules see it. */
export function normaliseVolume(volume: unknown, place: AwsPlace): Resource<VolumeBody> {
  const key = textAt(volume, 'kmsKeyId');
  const tags = tagsOf(listAt(volume, 'tagSet'));
  return makeResource(
    'Volume',
    place,
    { id: textAt(volume, 'volumeId') ?? '', name: nameBy(tags), tags },
    {
      encrypted: textAt(volume, 'encrypted') === 'true',
      ...(key === undefined ? {} : { key }),
      state: textAt(volume, 'status') ?? 'unknown',
      attachedTo: sorted(textsAt(volume, ['attachmentSet'], 'instanceId')),
    },
  );
}

/** A load balancer with its listeners and tags as rules see it. */
export function normaliseBalancer(
  balancer: unknown,
  listeners: readonly unknown[],
  tags: readonly unknown[],
  place: AwsPlace,
): Resource<LoadBalancerBody> {
  const arn = textAt(balancer, 'LoadBalancerArn') ?? '';
  // arn:…:loadbalancer/app/<name>/<id>: made again under the same name, it has another id.
  const id = arn.split('loadbalancer/').at(-1) ?? arn;
  return makeResource(
    'LoadBalancer',
    place,
    { id, name: textAt(balancer, 'LoadBalancerName'), tags: tagsOf(tags) },
    {
      arn,
      isPublic: textAt(balancer, 'Scheme') === 'internet-facing',
      type: textAt(balancer, 'Type') ?? '',
      network: textAt(balancer, 'VpcId') ?? '',
      groups: sorted(listAt(balancer, 'SecurityGroups').filter((group) => typeof group === 'string')),
      listeners: listeners.map((listener) => readListener(listener)).toSorted((a, b) => a.port - b.port),
    },
  );
}

function readListener(listener: unknown): Listener {
  const policy = textAt(listener, 'SslPolicy');
  const actions = listAt(listener, 'DefaultActions');
  const redirects = actions.filter(
    (action) => textAt(action, 'Type') === 'redirect' && textAt(action, 'RedirectConfig', 'Protocol') === 'HTTPS',
  );
  return {
    port: Number(textAt(listener, 'Port') ?? 0),
    protocol: textAt(listener, 'Protocol') ?? '',
    ...(policy === undefined ? {} : { policy }),
    redirects: actions.length > 0 && redirects.length === actions.length,
  };
}

function metadataOf(instance: unknown): InstanceBody['metadata'] {
  if (textAt(instance, 'metadataOptions', 'httpEndpoint') === 'disabled') return 'off';
  const tokens = textAt(instance, 'metadataOptions', 'httpTokens');
  return tokens === 'required' || tokens === 'optional' ? tokens : 'unknown';
}

function publicAddressesOf(port: unknown): string[] {
  const associated = [port, ...listAt(port, 'privateIpAddressesSet')];
  const v4 = associated.map((each) => textAt(each, 'association', 'publicIp') ?? '');
  return [...v4, ...textsAt(port, ['ipv6AddressesSet'], 'ipv6Address')];
}

function groupsOf(value: unknown): string[] {
  return sorted(textsAt(value, ['groupSet'], 'groupId'));
}

function nameBy(tags: readonly (readonly [string, string])[]): string | undefined {
  const [, name = ''] = tags.find(([key]) => key === 'Name') ?? [];
  return name === '' ? undefined : name;
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '').toSorted();
}
