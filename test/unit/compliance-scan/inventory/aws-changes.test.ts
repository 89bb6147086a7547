import { describe, expect, test } from '@jest/globals';
import { readChanges } from '#functions/compliance-scan/inventory/aws/changes.ts';

/** An event of CloudTrail as EventBridge sends it. */
function cloudTrail(service: string, eventName: string, request: unknown, answer: unknown = { _return: true }): object {
  return {
    version: '0',
    id: '5b1c4ab3',
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${service}`,
    account: '123456789012',
    time: '2026-11-01T10:00:00Z',
    region: 'eu-central-1',
    detail: {
      eventSource: `${service}.amazonaws.com`,
      eventName,
      awsRegion: 'eu-central-1',
      readOnly: false,
      recipientAccountId: '123456789012',
      requestParameters: request,
      responseElements: answer,
    },
  };
}

const where = 'aws/123456789012/eu-central-1';
const opened = cloudTrail('ec2', 'AuthorizeSecurityGroupIngress', {
  groupId: 'sg-1',
  ipPermissions: {
    items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }],
  },
});
const uids = (data: unknown): string[] | undefined => readChanges(data)?.map(({ reference }) => reference.uid ?? '');

describe('calls of AWS', () => {
  test.each([
    ['opens a group', opened, [`${where}/SecurityGroup/sg-1`]],
    [
      'changes rules of a group',
      cloudTrail('ec2', 'ModifySecurityGroupRules', { ModifySecurityGroupRulesRequest: { GroupId: 'sg-2' } }),
      [`${where}/SecurityGroup/sg-2`],
    ],
    [
      'makes a group',
      cloudTrail('ec2', 'CreateSecurityGroup', { groupName: 'new' }, { groupId: 'sg-3' }),
      [`${where}/SecurityGroup/sg-3`],
    ],
    [
      'tags several things, some of kinds that are not looked at',
      cloudTrail('ec2', 'DeleteTags', {
        resourcesSet: { items: ['i-1', 'vol-1', 'sg-1', 'ami-1', 'sg-1'].map((resourceId) => ({ resourceId })) },
      }),
      [`${where}/Instance/i-1`, `${where}/Volume/vol-1`, `${where}/SecurityGroup/sg-1`],
    ],
    [
      'runs instances',
      cloudTrail(
        'ec2',
        'RunInstances',
        { instancesSet: { items: [{ imageId: 'ami-1' }] } },
        {
          instancesSet: {
            items: [
              { instanceId: 'i-1', networkInterfaceSet: { items: [{ networkInterfaceId: 'eni-1' }] } },
              { instanceId: 'i-2' },
            ],
          },
        },
      ),
      [`${where}/Instance/i-1`, `${where}/Instance/i-2`, `${where}/NetworkInterface/eni-1`],
    ],
    [
      'makes a volume',
      cloudTrail('ec2', 'CreateVolume', { size: '8' }, { volumeId: 'vol-2' }),
      [`${where}/Volume/vol-2`],
    ],
    [
      'changes a prefix list',
      cloudTrail('ec2', 'ModifyManagedPrefixList', { ModifyManagedPrefixListRequest: { PrefixListId: 'pl-1' } }),
      [`${where}/PrefixList/pl-1`],
    ],
    [
      'changes a bucket',
      cloudTrail('s3', 'PutBucketTagging', { bucketName: 'lake-golden' }),
      ['aws/123456789012/global/Bucket/lake-golden', 'aws/123456789012/global/BucketAccess/lake-golden'],
    ],
    [
      'changes a listener',
      cloudTrail('elasticloadbalancing', 'ModifyListener', {
        listenerArn:
          'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2',
      }),
      [`${where}/LoadBalancer/app/web/50dc6c495c0c9188`],
    ],
  ])('one that %s', (_what, event, expected) => {
    expect(uids(event)?.toSorted()).toEqual(expected.toSorted());
  });

  test('a deletion says so, and what happened has a name for the triggers of rules', () => {
    expect(readChanges(cloudTrail('ec2', 'DeleteSecurityGroup', { groupId: 'sg-1' }))).toEqual([
      {
        reference: {
          kind: 'aws.SecurityGroup',
          scope: `${where}/SecurityGroup`,
          uid: `${where}/SecurityGroup/sg-1`,
          name: 'sg-1',
          place: { account: '123456789012', region: 'eu-central-1', id: 'sg-1' },
        },
        deleted: true,
        happening: 'aws/DeleteSecurityGroup',
      },
    ]);
    expect(readChanges(cloudTrail('s3', 'DeleteBucketTagging', { bucketName: 'b' }))?.[0]?.deleted).toBe(false);
  });

  test('reads, failed calls and calls about other things change nothing', () => {
    const failed = structuredClone(opened) as { detail: Record<string, unknown> };
    failed.detail.errorCode = 'Client.UnauthorizedOperation';
    const read = structuredClone(opened) as typeof failed;
    read.detail.readOnly = true;
    for (const event of [
      failed,
      read,
      cloudTrail('ec2', 'CreateVpc', {}),
      cloudTrail('ec2', 'constructor', { groupId: 'sg-1' }),
    ])
      expect(readChanges(event)).toEqual([]);
  });

  test('queues and topics may wrap it, also several at once', () => {
    const sns = { Type: 'Notification', Message: JSON.stringify(opened) };
    for (const data of [
      JSON.stringify(opened),
      Buffer.from(JSON.stringify(opened)),
      { Records: [{ messageId: '1', body: JSON.stringify(opened) }] },
      { body: JSON.stringify(sns) },
      [opened],
      JSON.stringify(JSON.stringify(opened)),
    ])
      expect(uids(data)).toEqual([`${where}/SecurityGroup/sg-1`]);
  });

  const endless: unknown[] = [];
  endless.push(endless);
  test.each([
    [undefined],
    [null],
    [7],
    ['text'],
    ['[['],
    [{}],
    [{ detail: {} }],
    [{ 'detail-type': 'Scheduled Event' }],
    [endless],
  ])('foreign data %# is none of its events', (data) => {
    expect(readChanges(data)).toBeUndefined();
  });

  test.each([
    [null],
    ['x'],
    [[]],
    [{ items: 'x' }],
    [{ groupId: { a: 1 } }],
    [{ resourcesSet: { items: [null, 3, {}] } }],
  ])('broken parameters %j change nothing', (parameters) => {
    for (const name of ['CreateTags', 'RunInstances', 'AuthorizeSecurityGroupIngress', 'ModifyManagedPrefixList'])
      expect(readChanges(cloudTrail('ec2', name, parameters, parameters))).toEqual([]);
    expect(readChanges(cloudTrail('elasticloadbalancing', 'AddTags', parameters, parameters))).toEqual([]);
  });
});
