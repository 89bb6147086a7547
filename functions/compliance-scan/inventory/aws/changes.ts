import type { Change } from '../source.ts';
import { type AwsKind } from './kinds.ts';
import { type AwsPlace, scopeOf } from './place.ts';
import { unwrapEvents } from './unwrap.ts';
import { isRecord, listAt, textAt } from '../wire.ts';

/** Beginnings of the ids of EC2's resources. */
const kindsById: Readonly<Record<string, AwsKind | 'PrefixList'>> = {
  sg: 'SecurityGroup',
  eni: 'NetworkInterface',
  i: 'Instance',
  vol: 'Volume',
  pl: 'PrefixList',
};

/** What each call changes: where the ids of the changed resources are found in its request or answer. */
type Finder = (call: { readonly request: unknown; readonly answer: unknown }) => readonly string[];

const field =
  (...path: readonly string[]): Finder =>
  ({ request, answer }) => [...textOf(request, ...path), ...textOf(answer, ...path)];
const items =
  (list: string, key: string): Finder =>
  ({ request, answer }) =>
    [request, answer].flatMap((side) => listAt(side, list, 'items').flatMap((item) => textOf(item, key)));

const group: Finder = (call) => [
  ...field('groupId')(call),
  ...textOf(call.request, 'ModifySecurityGroupRulesRequest', 'GroupId'),
];
const instances = items('instancesSet', 'instanceId');
const tagged = items('resourcesSet', 'resourceId');

const ec2: Readonly<Record<string, Finder>> = {
  CreateSecurityGroup: group,
  DeleteSecurityGroup: group,
  AuthorizeSecurityGroupIngress: group,
  AuthorizeSecurityGroupEgress: group,
  RevokeSecurityGroupIngress: group,
  RevokeSecurityGroupEgress: group,
  ModifySecurityGroupRules: group,
  UpdateSecurityGroupRuleDescriptionsIngress: group,
  UpdateSecurityGroupRuleDescriptionsEgress: group,
  CreateTags: tagged,
  DeleteTags: tagged,
  RunInstances: (call) => [
    ...instances(call),
    ...listAt(call.answer, 'instancesSet', 'items').flatMap((item) =>
      listAt(item, 'networkInterfaceSet', 'items').flatMap((port) => textOf(port, 'networkInterfaceId')),
    ),
  ],
  StartInstances: instances,
  StopInstances: instances,
  TerminateInstances: instances,
  ModifyInstanceAttribute: field('instanceId'),
  ModifyInstanceMetadataOptions: (call) => [
    ...field('instanceId')(call),
    ...textOf(call.request, 'ModifyInstanceMetadataOptionsRequest', 'InstanceId'),
  ],
  CreateVolume: field('volumeId'),
  DeleteVolume: field('volumeId'),
  AttachVolume: field('volumeId'),
  DetachVolume: field('volumeId'),
  CreateNetworkInterface: ({ answer }) => textOf(answer, 'networkInterface', 'networkInterfaceId'),
  DeleteNetworkInterface: field('networkInterfaceId'),
  ModifyNetworkInterfaceAttribute: field('networkInterfaceId'),
  AttachNetworkInterface: field('networkInterfaceId'),
  AssociateAddress: (call) => [...field('networkInterfaceId')(call), ...field('instanceId')(call)],
  ModifyManagedPrefixList: (call) => [
    ...textOf(call.request, 'ModifyManagedPrefixListRequest', 'PrefixListId'),
    ...textOf(call.answer, 'ModifyManagedPrefixListResponse', 'prefixList', 'prefixListId'),
    ...field('prefixListId')(call),
  ],
};

const balancer: Finder = ({ request, answer }) => [
  ...textOf(request, 'loadBalancerArn'),
  ...listAt(request, 'resourceArns').flatMap((arn) => (typeof arn === 'string' ? [arn] : [])),
  ...listAt(answer, 'loadBalancers').flatMap((each) => textOf(each, 'loadBalancerArn')),
  ...listAt(answer, 'listeners').flatMap((each) => textOf(each, 'loadBalancerArn')),
  // arn:…:listener/app/<name>/<id of the load balancer>/<id of the listener>
  ...textOf(request, 'listenerArn').map((arn) => arn.replace(':listener/', ':loadbalancer/').replace(/\/[^/]+$/u, '')),
];

const elb: ReadonlySet<string> = new Set([
  'AddTags',
  'CreateListener',
  'CreateLoadBalancer',
  'DeleteListener',
  'DeleteLoadBalancer',
  'ModifyListener',
  'RemoveTags',
  'SetSecurityGroups',
]);

const bucketCalls = /^(?:Create|Delete)Bucket$|^(?:Put|Delete)(?:Bucket|PublicAccessBlock$|AccountPublicAccessBlock$)/u;
const deletions = /^Delete(?:SecurityGroup|Volume|NetworkInterface|LoadBalancer|Bucket)$|^TerminateInstances$/u;

/**
 * What calls of AWS have changed, by CloudTrail's words as EventBridge sends them, also wrapped by SNS or SQS; undefined for
 * anything else. Reads and failed calls change nothing. A change of a prefix list has the kind `aws.PrefixList`, which is not
 * listed: groups that name it have to be judged anew.
 */
export function readChanges(data: unknown): readonly Change[] | undefined {
  const events = unwrapEvents(data).filter((event) => event['detail-type'] === 'AWS API Call via CloudTrail');
  return events.length === 0 ? undefined : events.flatMap((event) => changesOf(event));
}

function changesOf(event: Readonly<Record<string, unknown>>): Change[] {
  const { detail } = event;
  if (!isRecord(detail) || detail.readOnly === true || detail.errorCode !== undefined) return [];
  const [account = ''] = [...textOf(detail, 'recipientAccountId'), ...textOf(event, 'account')];
  const [region = ''] = [...textOf(detail, 'awsRegion'), ...textOf(event, 'region')];
  const [name = ''] = textOf(detail, 'eventName');
  const call = { request: detail.requestParameters, answer: detail.responseElements };
  const found = changedThings(textOf(detail, 'eventSource')[0] ?? '', name, call);
  const known = new Map(found.map((thing) => [`${thing.kind}/${thing.id}`, thing]));
  return [...known.values()].map(({ kind, id }) => changeOf(kind, id, { account, region }, name));
}

type Thing = { readonly kind: AwsKind | 'PrefixList'; readonly id: string };

function changedThings(source: string, name: string, call: Parameters<Finder>[0]): Thing[] {
  if (source === 'ec2.amazonaws.com' && Object.hasOwn(ec2, name))
    return (ec2[name]?.(call) ?? []).flatMap((id) => {
      const kind = kindsById[id.split('-')[0] ?? ''];
      return kind === undefined ? [] : [{ kind, id }];
    });
  if (source === 'elasticloadbalancing.amazonaws.com' && elb.has(name))
    return balancer(call)
      .filter((arn) => arn.includes(':loadbalancer/'))
      .map((arn) => ({ kind: 'LoadBalancer', id: arn.split(':loadbalancer/')[1] ?? '' }));
  if (source === 's3.amazonaws.com' && bucketCalls.test(name))
    return textOf(call.request, 'bucketName').flatMap((id) => [
      { kind: 'Bucket', id },
      { kind: 'BucketAccess', id },
    ]);
  return [];
}

function changeOf(kind: Thing['kind'], id: string, { account, region }: AwsPlace, call: string): Change {
  const place = { account, region: kind === 'Bucket' || kind === 'BucketAccess' ? 'global' : region };
  const scope = scopeOf(place, kind as AwsKind);
  return {
    reference: { kind: `aws.${kind}`, scope, uid: `${scope}/${id}`, name: id, place: { ...place, id } },
    deleted: deletions.test(call),
    happening: `aws/${call}`,
  };
}

function textOf(value: unknown, ...path: readonly string[]): string[] {
  const text = textAt(value, ...path);
  return text === undefined ? [] : [text];
}
