import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SecurityGroupBody } from '#functions/compliance-scan/inventory/aws/kinds.ts';
import { openAws } from '#functions/compliance-scan/inventory/aws/open-aws.ts';
import { awsSettings } from '#functions/compliance-scan/inventory/aws/settings.ts';
import type { Resource, Scope } from '#functions/compliance-scan/model/resource.ts';
import { type AwsAnswer, type AwsCall, ec2Document, elbDocument, FakeAws } from '../../../support/fake-aws.ts';

const account = '123456789012';
const scope = (kind: string): Scope => ({ id: `aws/${account}/eu-central-1/${kind}`, kind: `aws.${kind}` });
const signal = AbortSignal.timeout(60_000);
let fake: FakeAws | undefined;

beforeEach(() => {
  process.env.AWS_ACCESS_KEY_ID = 'a-key-of-nobody';
  process.env.AWS_SECRET_ACCESS_KEY = 'a-secret-of-nobody';
});

afterEach(async () => {
  await fake?.stop();
});

/** All resources of a listing that the fake answers as told; a call is tried twice at most. */
async function list(kind: string, answer: (call: AwsCall) => AwsAnswer): Promise<Resource[]> {
  fake = await FakeAws.start(answer);
  const settings = { accounts: [{ id: account, regions: ['eu-central-1'] }], endpoint: fake.url, attempts: 2 };
  const source = openAws(awsSettings.parse(settings));
  try {
    const resources: Resource[] = [];
    for await (const page of source.list(scope(kind), signal)) resources.push(...page);
    return resources;
  } finally {
    await source.close();
  }
}

const group = (id: string, permissions = ''): string =>
  `<item><ownerId>${account}</ownerId><groupId>${id}</groupId><groupName>same name</groupName><groupDescription>d</groupDescription><vpcId>vpc-1</vpcId><ipPermissions>${permissions}</ipPermissions></item>`;
const groups = (inside: string, token?: string): string =>
  ec2Document('DescribeSecurityGroups', `<securityGroupInfo>${inside}</securityGroupInfo>`, token);
const sshFrom = (prefixes: string): string =>
  `<item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><prefixListIds><item><prefixListId>${prefixes}</prefixListId></item></prefixListIds></item>`;

describe('listings of EC2', () => {
  test('all pages are read, and groups of the same name are different groups', async () => {
    const tokens = ['', 'two', 'three'];
    const resources = await list('SecurityGroup', ({ NextToken = '' }) => {
      const page = tokens.indexOf(NextToken);
      return groups(group(`sg-${page}`), tokens[page + 1]);
    });
    expect(resources.map(({ uid, name }) => [uid, name])).toEqual(
      [0, 1, 2].map((page) => [`aws/${account}/eu-central-1/SecurityGroup/sg-${page}`, 'same name']),
    );
    expect(fake?.calls.map(({ MaxResults }) => Number(MaxResults) > 0)).toEqual([true, true, true]);
  });

  test('a token that comes again is no end', async () => {
    const listing = list('SecurityGroup', ({ NextToken = '' }) =>
      groups(group('sg-1'), NextToken === 'two' ? 'one' : NextToken === '' ? 'one' : 'two'),
    );
    await expect(listing).rejects.toMatchObject({ code: 'inventory.incomplete' });
    expect(fake?.calls.length).toBe(3);
  });

  test('throttling on the second page passes when it ends, and is told when it stays', async () => {
    let asked = 0;
    const twice = ({ NextToken }: AwsCall): AwsAnswer => {
      if (NextToken === undefined) return groups(group('sg-1'), 'two');
      asked += 1;
      return asked === 1 ? { code: 'RequestLimitExceeded', status: 503 } : groups(group('sg-2'));
    };
    expect((await list('SecurityGroup', twice)).length).toBe(2);
    await fake?.stop();
    const always = ({ NextToken }: AwsCall): AwsAnswer =>
      NextToken === undefined ? groups(group('sg-1'), 'two') : { code: 'RequestLimitExceeded', status: 503 };
    await expect(list('SecurityGroup', always)).rejects.toMatchObject({ code: 'inventory.throttled' });
  });

  test.each([
    ['UnauthorizedOperation', 403, 'inventory.forbidden'],
    ['AuthFailure', 401, 'inventory.forbidden'],
    ['InternalError', 500, 'inventory.unavailable'],
  ])('%s of AWS (HTTP %i) is %s, without its text', async (code, status, told) => {
    const thrown = await list('Volume', () => ({ code, status })).catch((error: unknown) => error as Error);
    expect(thrown).toMatchObject({ code: told });
    expect((thrown as Error).message).toBe(
      `DescribeVolumes in eu-central-1 of account ${account} ${told === 'inventory.forbidden' ? 'is refused by AWS' : 'failed'}: ${code}`,
    );
  });

  test('prefix lists are read once each; one that is gone or not ours is unresolved', async () => {
    const entries = (inside: string, token?: string): string =>
      ec2Document('GetManagedPrefixListEntries', `<entrySet>${inside}</entrySet>`, token);
    const resources = await list('SecurityGroup', ({ Action, PrefixListId, NextToken }) => {
      if (Action === 'DescribeSecurityGroups')
        return groups(['pl-a', 'pl-a', 'pl-gone', 'pl-theirs'].map((pl, i) => group(`sg-${i}`, sshFrom(pl))).join(''));
      if (PrefixListId === 'pl-gone') return { code: 'InvalidPrefixListID.NotFound', status: 400 };
      if (PrefixListId === 'pl-theirs') return { code: 'UnauthorizedOperation', status: 403 };
      return NextToken === undefined
        ? entries('<item><cidr>0.0.0.0/1</cidr></item>', 'two')
        : entries('<item><cidr>128.0.0.0/1</cidr></item>');
    });
    const rules = resources.map(({ body }) => (body as SecurityGroupBody).rules[0]);
    expect(rules[1]).toMatchObject({ addresses: ['0.0.0.0/1', '128.0.0.0/1'], resolved: ['pl-a'] });
    expect(rules[2]).toMatchObject({ addresses: [], unresolved: ['pl-gone'] });
    expect(rules[3]).toMatchObject({ addresses: [], unresolved: ['pl-theirs'] });
    expect(fake?.calls.filter(({ PrefixListId }) => PrefixListId === 'pl-a').length).toBe(2);
  });

  test('a prefix list that is throttled makes the listing fail, not the group look private', async () => {
    const listing = list('SecurityGroup', ({ Action }) =>
      Action === 'DescribeSecurityGroups'
        ? groups(group('sg-1', sshFrom('pl-a')))
        : { code: 'Throttling', status: 400 },
    );
    await expect(listing).rejects.toMatchObject({ code: 'inventory.throttled' });
  });
});

const balancer = (id: string): string =>
  `<member><LoadBalancerArn>arn:aws:elasticloadbalancing:eu-central-1:${account}:loadbalancer/app/web/${id}</LoadBalancerArn><LoadBalancerName>web</LoadBalancerName><Scheme>internet-facing</Scheme><Type>application</Type></member>`;

test('a load balancer that is deleted between its listing and its details is left out, the others stay', async () => {
  const resources = await list('LoadBalancer', (call) => {
    const { Action = '' } = call;
    const asked = Object.values(call).filter((value) => value.startsWith('arn:'));
    if (Action === 'DescribeLoadBalancers')
      return elbDocument(Action, `<LoadBalancers>${balancer('one')}${balancer('gone')}</LoadBalancers>`);
    if (asked.some((arn) => arn.endsWith('gone'))) return { code: 'LoadBalancerNotFound', status: 400 };
    if (Action === 'DescribeTags')
      return elbDocument(
        Action,
        `<TagDescriptions><member><ResourceArn>${asked[0]}</ResourceArn><Tags><member><Key>owner</Key><Value>lake</Value></member></Tags></member></TagDescriptions>`,
      );
    return elbDocument(Action, '<Listeners><member><Port>80</Port><Protocol>HTTP</Protocol></member></Listeners>');
  });
  expect(resources).toMatchObject([
    {
      uid: `aws/${account}/eu-central-1/LoadBalancer/app/web/one`,
      labels: { owner: 'lake' },
      body: { isPublic: true, listeners: [{ port: 80, protocol: 'HTTP', redirects: false }] },
    },
  ]);
});

test('one group is read by its id; when it is gone, there is none', async () => {
  fake = await FakeAws.start((call) =>
    call['GroupId.1'] === 'sg-1' ? groups(group('sg-1')) : { code: 'InvalidGroup.NotFound', status: 400 },
  );
  const settings = { accounts: [{ id: account, regions: ['eu-central-1'] }], endpoint: fake.url };
  const source = openAws(awsSettings.parse(settings));
  const reference = (id: string) => ({
    kind: 'aws.SecurityGroup',
    scope: scope('SecurityGroup').id,
    name: id,
    place: {},
  });
  expect(await source.read(reference('sg-1'), signal)).toMatchObject({ name: 'same name', place: { id: 'sg-1' } });
  expect(await source.read(reference('sg-2'), signal)).toBeUndefined();
  expect(fake.actions).toEqual(['DescribeSecurityGroups', 'DescribeSecurityGroups']);
  await expect(
    source.read({ ...reference('sg-1'), scope: 'aws/1/nowhere/SecurityGroup' }, signal),
  ).rejects.toMatchObject({
    code: 'config.invalid',
  });
  await source.close();
});
