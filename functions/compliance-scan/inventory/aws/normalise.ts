import type { Instance, NetworkInterface, SecurityGroup, Volume } from '@aws-sdk/client-ec2';
import type { Listener as ElbListener, LoadBalancer, Tag as ElbTag } from '@aws-sdk/client-elastic-load-balancing-v2';
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
import { type AwsPlace, makeResource } from './place.ts';

/** A security group as rules see it. */
export function normaliseGroup(group: SecurityGroup, place: AwsPlace, lists: PrefixLists): Resource<SecurityGroupBody> {
  const id = group.GroupId ?? '';
  return makeResource(
    'SecurityGroup',
    place,
    { id, name: group.GroupName, tags: group.Tags ?? [] },
    {
      id,
      description: group.Description ?? '',
      network: group.VpcId ?? '',
      isDefault: group.GroupName === 'default',
      rules: [
        ...(group.IpPermissions ?? []).map((permission) => readPermission(permission, 'ingress', id, lists)),
        ...(group.IpPermissionsEgress ?? []).map((permission) => readPermission(permission, 'egress', id, lists)),
      ],
    },
  );
}

/** A network interface as rules see it. */
export function normaliseInterface(port: NetworkInterface, place: AwsPlace): Resource<NetworkInterfaceBody> {
  const id = port.NetworkInterfaceId ?? '';
  return makeResource(
    'NetworkInterface',
    place,
    { id, tags: port.TagSet ?? [] },
    {
      inUse: port.Status === 'in-use' || port.Attachment?.Status === 'attached',
      groups: idsOf(port.Groups),
      publicAddresses: publicAddressesOf(port),
      attachedTo: port.Attachment?.InstanceId ?? port.Description ?? '',
      type: port.InterfaceType ?? '',
    },
  );
}

/** An instance as rules see it. */
export function normaliseInstance(instance: Instance, place: AwsPlace): Resource<InstanceBody> {
  const id = instance.InstanceId ?? '';
  const ports = instance.NetworkInterfaces ?? [];
  const addresses = [instance.PublicIpAddress ?? '', ...ports.flatMap((port) => publicAddressesOf(port))];
  return makeResource(
    'Instance',
    place,
    { id, name: instance.Tags?.find(({ Key }) => Key === 'Name')?.Value || id, tags: instance.Tags ?? [] },
    {
      state: instance.State?.Name ?? 'unknown',
      image: instance.ImageId ?? '',
      network: instance.VpcId ?? '',
      groups: sorted([...idsOf(instance.SecurityGroups), ...ports.flatMap(({ Groups }) => idsOf(Groups))]),
      publicAddresses: sorted(addresses),
      metadata: metadataOf(instance),
      hasRole: instance.IamInstanceProfile?.Arn !== undefined,
    },
  );
}

/** A volume as rules see it. */
export function normaliseVolume(volume: Volume, place: AwsPlace): Resource<VolumeBody> {
  const id = volume.VolumeId ?? '';
  return makeResource(
    'Volume',
    place,
    { id, name: volume.Tags?.find(({ Key }) => Key === 'Name')?.Value || id, tags: volume.Tags ?? [] },
    {
      encrypted: volume.Encrypted === true,
      ...(volume.KmsKeyId === undefined ? {} : { key: volume.KmsKeyId }),
      state: volume.State ?? 'unknown',
      attachedTo: sorted((volume.Attachments ?? []).map(({ InstanceId }) => InstanceId ?? '')),
    },
  );
}

/** A load balancer with its listeners as rules see it. */
export function normaliseBalancer(
  balancer: LoadBalancer,
  listeners: readonly ElbListener[],
  tags: readonly ElbTag[],
  place: AwsPlace,
): Resource<LoadBalancerBody> {
  const arn = balancer.LoadBalancerArn ?? '';
  // arn:…:loadbalancer/app/<name>/<id>: made again under the same name, it has another id.
  const id = arn.split('loadbalancer/').at(-1) ?? arn;
  return makeResource(
    'LoadBalancer',
    place,
    { id, name: balancer.LoadBalancerName, tags },
    {
      arn,
      isPublic: balancer.Scheme === 'internet-facing',
      type: balancer.Type ?? '',
      network: balancer.VpcId ?? '',
      groups: sorted(balancer.SecurityGroups ?? []),
      listeners: listeners.map((listener) => readListener(listener)).toSorted((a, b) => a.port - b.port),
    },
  );
}

function readListener({ Port = 0, Protocol, SslPolicy, DefaultActions = [] }: ElbListener): Listener {
  return {
    port: Port,
    protocol: Protocol ?? '',
    ...(SslPolicy === undefined ? {} : { policy: SslPolicy }),
    redirects:
      DefaultActions.length > 0 &&
      DefaultActions.every(({ Type, RedirectConfig }) => Type === 'redirect' && RedirectConfig?.Protocol === 'HTTPS'),
  };
}

function metadataOf({ MetadataOptions: options }: Instance): InstanceBody['metadata'] {
  if (options?.HttpEndpoint === 'disabled') return 'off';
  return options?.HttpTokens ?? 'unknown';
}

type AddressedPort = Pick<NetworkInterface, 'PrivateIpAddresses' | 'Ipv6Addresses'> & {
  readonly Association?: { readonly PublicIp?: string | undefined } | undefined;
};

function publicAddressesOf(port: AddressedPort): string[] {
  const v4 = [port.Association, ...(port.PrivateIpAddresses ?? []).map(({ Association }) => Association)];
  const v6 = (port.Ipv6Addresses ?? []).map(({ Ipv6Address }) => Ipv6Address ?? '');
  return sorted([...v4.map((association) => association?.PublicIp ?? ''), ...v6]);
}

function idsOf(groups: readonly { readonly GroupId?: string | undefined }[] = []): string[] {
  return sorted(groups.map(({ GroupId }) => GroupId ?? ''));
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '').toSorted();
}
