import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exposureWithin } from '#functions/compliance-scan/address/exposure.ts';
import { type Firewall, reachOf } from '#functions/compliance-scan/address/firewall.ts';
import { openAzure } from '#functions/compliance-scan/inventory/azure/open-azure.ts';
import { azureSettings } from '#functions/compliance-scan/inventory/azure/settings.ts';
import { openGcp } from '#functions/compliance-scan/inventory/gcp/open-gcp.ts';
import { gcpSettings } from '#functions/compliance-scan/inventory/gcp/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import { FakeCloud } from '../../../support/fake-cloud.ts';

const { signal } = new AbortController();
const cloud = new FakeCloud();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-clouds-'));
const token = join(folder, 'token');
beforeAll(async () => {
  writeFileSync(token, 'secret-token\n');
  await cloud.start();
});
afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

async function listAll(source: Source, kind: string): Promise<Resource<Firewall>[]> {
  const all: Resource[] = [];
  for await (const scope of source.scopes(new Set([kind]), signal))
    for await (const page of source.list(scope, signal)) all.push(...page);
  return all as Resource<Firewall>[];
}

const exposureOf = (body: Firewall | undefined, port = 22, protocol = 'tcp') =>
  exposureWithin(reachOf(body ?? { rules: [] }, 'ingress', protocol, port));

const subscription = '00000000-0000-0000-0000-00000000000a';
const azure = (more: object = {}): Source =>
  openAzure(
    azureSettings.parse({ subscriptions: [subscription], tokenFile: token, endpoint: cloud.url, attempts: 3, ...more }),
  );

const idOf = (name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/lake/providers/Microsoft.Network/networkSecurityGroups/${name}`;
const ruleOf = (
  priority: number,
  access: string,
  from: string | readonly string[],
  port = '22',
  more: object = {},
) => ({
  name: `rule-${priority}`,
  properties: {
    priority,
    access,
    direction: 'Inbound',
    protocol: 'Tcp',
    destinationPortRange: port,
    ...(typeof from === 'string' ? { sourceAddressPrefix: from } : { sourceAddressPrefixes: from }),
    ...more,
  },
});
const groupOf = (name: string, ...securityRules: object[]) => ({
  id: idOf(name),
  name,
  location: 'westeurope',
  etag: 'W/"1"',
  tags: { owner: 'lake' },
  properties: {
    resourceGuid: `guid-${name}`,
    securityRules,
    defaultSecurityRules: [
      ruleOf(65_000, 'Allow', 'VirtualNetwork', '*', { protocol: '*' }),
      ruleOf(65_001, 'Allow', 'AzureLoadBalancer', '*', { protocol: '*' }),
      ruleOf(65_500, 'Deny', '*', '*', { protocol: '*' }),
    ],
    subnets: [{ id: 'subnet-1' }],
  },
});

describe('network security groups of Azure', () => {
  test.each([
    ['nothing but the default rules', [], 'none'],
    ['the tag Internet', [ruleOf(100, 'Allow', 'Internet')], 'world'],
    ['any address', [ruleOf(100, 'Allow', '*', '0-65535')], 'world'],
    ['halves over two rules', [ruleOf(100, 'Allow', '0.0.0.0/1'), ruleOf(110, 'Allow', ['128.0.0.0/1'])], 'world'],
    ['denied before', [ruleOf(100, 'Deny', 'Internet'), ruleOf(110, 'Allow', '*')], 'none'],
    [
      'denied before for one machine only',
      [ruleOf(100, 'Deny', '*', '22', { destinationAddressPrefix: '10.0.0.4' }), ruleOf(110, 'Allow', '*')],
      'world',
    ],
    [
      'denied before for one source port only',
      [ruleOf(100, 'Deny', '*', '22', { sourcePortRange: '22' }), ruleOf(110, 'Allow', '*')],
      'world',
    ],
    ['denied after', [ruleOf(110, 'Deny', 'Internet'), ruleOf(100, 'Allow', '*')], 'world'],
    [
      'all but a half denied before',
      [ruleOf(100, 'Deny', ['0.0.0.0/1', '::/0']), ruleOf(110, 'Allow', '0.0.0.0/0')],
      'wide',
    ],
    ['the other protocol', [ruleOf(100, 'Allow', '*', '22', { protocol: 'Udp' })], 'none'],
    ['another port', [ruleOf(100, 'Allow', '*', '443')], 'none'],
    ['several ports', [ruleOf(100, 'Allow', '*', '', { destinationPortRanges: ['80', '20-25'] })], 'world'],
    ['a private network', [ruleOf(100, 'Allow', '10.0.0.0/8')], 'private'],
    ['one office', [ruleOf(100, 'Allow', '203.0.114.7')], 'partner'],
    ['a tag of addresses that only Azure knows', [ruleOf(100, 'Allow', 'AzureCloud.westeurope')], 'unknown'],
    [
      'groups of applications',
      [ruleOf(100, 'Allow', '', '22', { sourceApplicationSecurityGroups: [{ id: 'a' }] })],
      'none',
    ],
    ['a rule without a source', [ruleOf(100, 'Allow', '')], 'unknown'],
  ])('let in to tcp/22: %s', async (_, rules, exposure) => {
    cloud.answer(() => ({ body: { value: [groupOf('g', ...rules)] } }));
    const [group] = await listAll(azure(), 'azure.NetworkSecurityGroup');
    expect(exposureOf(group?.body)).toBe(exposure);
  });

  test('are listed page by page, each as it is when it is read alone', async () => {
    cloud.answer(({ url }) => {
      if (url.pathname.endsWith('/networkSecurityGroups') && !url.searchParams.has('skip'))
        return { body: { value: [groupOf('one')], nextLink: `${cloud.url}${url.pathname}?api-version=x&skip=1` } };
      return url.pathname === idOf('one')
        ? { body: groupOf('one') }
        : { body: { value: [groupOf('two'), { id: 'odd' }] } };
    });
    const source = azure();
    const all = await listAll(source, 'azure.NetworkSecurityGroup');
    expect(all.map(({ uid, labels }) => [uid, labels?.['owner']])).toEqual([
      [`azure/${subscription}/azure.NetworkSecurityGroup/guid-one`, 'lake'],
      [`azure/${subscription}/azure.NetworkSecurityGroup/guid-two`, 'lake'],
    ]);
    expect(await source.read(all[0]!, signal)).toEqual(all[0]);
    expect(cloud.asked.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer secret-token'));
  });

  test('are asked for with tokens of the application, which are renewed when they are refused', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'hunter2');
    let given = 0;
    cloud.answer(({ url, headers }) => {
      if (url.pathname === '/tenant/oauth2/v2.0/token')
        return { body: { access_token: `t${(given += 1)}`, expires_in: 3_600 } };
      return headers.authorization === 'Bearer t2' ? { body: { value: [] } } : { status: 401 };
    });
    const application = {
      tokenFile: undefined,
      tenant: 'tenant',
      clientId: 'app',
      clientSecretFile: secret,
      loginEndpoint: cloud.url,
    };
    expect(await listAll(azure(application), 'azure.NetworkSecurityGroup')).toEqual([]);
    expect(Object.fromEntries(new URLSearchParams(cloud.asked[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 'hunter2',
      scope: `${cloud.url}/.default`,
    });
    cloud.answer(() => ({ status: 400, body: { error: 'invalid_client', error_description: 'hunter2' } }));
    const refused = await listAll(azure(application), 'azure.NetworkSecurityGroup').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'inventory.forbidden', message: expect.stringContaining('invalid_client') });
    expect(String(refused)).not.toContain('hunter2');
  });

  test.each([
    ['forbidden', { status: 403 }, 'inventory.forbidden'],
    ['throttled all the time', { status: 429, headers: { 'retry-after': '0' } }, 'inventory.throttled'],
    ['broken all the time', { status: 503, headers: { 'retry-after': '0' } }, 'inventory.unavailable'],
    ['no JSON', { body: '<html>' }, 'inventory.unavailable'],
    ['an answer without groups', { body: {} }, 'inventory.incomplete'],
    ['sent elsewhere', { status: 302, headers: { location: 'http://example.invalid/' } }, 'inventory.unavailable'],
    ['a next page elsewhere', { body: { value: [], nextLink: 'http://example.invalid/' } }, 'inventory.incomplete'],
  ])('that cannot all be read end the listing with the reason: %s', async (_, answer, code) => {
    cloud.answer(() => answer);
    await expect(listAll(azure({ attempts: 2 }), 'azure.NetworkSecurityGroup')).rejects.toMatchObject({ code });
  });

  test('change by events of the Event Grid; rules of a group are the group', () => {
    const changes = (type: string, subject: string) =>
      azure().changes({ id: '1', source: 's', type, specversion: '1.0', subject, extensions: {}, data: {} });
    expect(changes('Microsoft.Resources.ResourceWriteSuccess', `${idOf('one')}/securityRules/ssh`)).toMatchObject([
      { deleted: false, reference: { name: 'one', place: { resourceGroup: 'lake' } } },
    ]);
    expect(changes('Microsoft.Resources.ResourceDeleteSuccess', `${idOf('one')}/securityRules/ssh`)).toMatchObject([
      { deleted: false },
    ]);
    expect(changes('Microsoft.Resources.ResourceDeleteSuccess', idOf('one'))).toMatchObject([{ deleted: true }]);
    expect(changes('Microsoft.Resources.ResourceWriteFailure', idOf('one'))).toEqual([]);
    expect(changes('Microsoft.Resources.ResourceWriteSuccess', '/subscriptions/x/other')).toEqual([]);
    expect(changes('dev.knative.sources.ping', 's')).toBeUndefined();
  });
});

const network = 'https://www.googleapis.com/compute/v1/projects/lake-1/global/networks/main';
const gcpRule = (name: string, more: object) => ({ name, network, direction: 'INGRESS', priority: 1_000, ...more });
const ssh = { allowed: [{ IPProtocol: 'tcp', ports: ['22'] }] };
const gcp = (more: object = {}): Source =>
  openGcp(gcpSettings.parse({ projects: ['lake-1'], tokenFile: token, endpoint: cloud.url, attempts: 2, ...more }));

describe('firewalls of Google Cloud', () => {
  test.each([
    ['everybody', [gcpRule('a', { ...ssh, sourceRanges: ['0.0.0.0/0'] })], 'world'],
    ['no ranges', [gcpRule('a', ssh)], 'world'],
    ['instances of a tag', [gcpRule('a', { ...ssh, sourceTags: ['bastion'] })], 'none'],
    ['a rule that is off', [gcpRule('a', { ...ssh, disabled: true })], undefined],
    [
      'denied before',
      [
        gcpRule('a', { ...ssh, sourceRanges: ['0.0.0.0/0'] }),
        gcpRule('b', { priority: 900, denied: [{ IPProtocol: 'all' }], sourceRanges: ['0.0.0.0/0'] }),
      ],
      'none',
    ],
    [
      'denied at the same priority',
      [
        gcpRule('a', { ...ssh, sourceRanges: ['0.0.0.0/0'] }),
        gcpRule('b', { denied: [{ IPProtocol: '6', ports: ['20-30'] }], sourceRanges: ['0.0.0.0/0'] }),
      ],
      'none',
    ],
    [
      'denied for one machine only',
      [
        gcpRule('a', { ...ssh, sourceRanges: ['0.0.0.0/0'] }),
        gcpRule('b', {
          priority: 900,
          denied: [{ IPProtocol: 'all' }],
          sourceRanges: ['0.0.0.0/0'],
          destinationRanges: ['10.0.0.5/32'],
        }),
      ],
      'world',
    ],
    [
      'halves over two rules',
      [gcpRule('a', { ...ssh, sourceRanges: ['0.0.0.0/1'] }), gcpRule('b', { ...ssh, sourceRanges: ['128.0.0.0/1'] })],
      'world',
    ],
    [
      'the private network',
      [gcpRule('a', { allowed: [{ IPProtocol: 'all' }], sourceRanges: ['10.128.0.0/9'] })],
      'private',
    ],
  ])('let in to tcp/22: %s', async (_, items, exposure) => {
    cloud.answer(() => ({ body: { items } }));
    const [firewall] = await listAll(gcp(), 'gcp.Firewall');
    expect(firewall === undefined ? undefined : exposureOf(firewall.body)).toBe(exposure);
  });

  test('are weighed for each target: what opens instances of a tag does not open the others', async () => {
    const items = [
      gcpRule('all', { allowed: [{ IPProtocol: 'tcp', ports: ['443'] }], sourceRanges: ['0.0.0.0/0'] }),
      gcpRule('bastion', { ...ssh, sourceRanges: ['0.0.0.0/0'], targetTags: ['bastion'] }),
    ];
    cloud.answer(({ url }) =>
      url.searchParams.has('pageToken')
        ? { body: { items: [items[1]] } }
        : { body: { items: [items[0]], nextPageToken: 'p2' } },
    );
    const source = gcp();
    const all = await listAll(source, 'gcp.Firewall');
    expect(all.map(({ name, body }) => [name, exposureOf(body, 22), exposureOf(body, 443)])).toEqual([
      ['main', 'none', 'world'],
      ['main, tag bastion', 'world', 'world'],
    ]);
    expect(await source.read(all[1]!, signal)).toEqual(all[1]);
  });

  test('are asked for with a key of a service account, or as the machine', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const keyFile = join(folder, 'key.json');
    const key = {
      client_email: 'scan@lake',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: `${cloud.url}/token`,
    };
    writeFileSync(keyFile, JSON.stringify(key));
    cloud.answer(({ url, headers }) => {
      if (url.pathname === '/token') return { body: { access_token: 'by-key', expires_in: 3_600 } };
      if (url.pathname.startsWith('/computeMetadata/'))
        return headers['metadata-flavor'] === 'Google'
          ? { body: { access_token: 'by-machine', expires_in: 3_600 } }
          : { status: 403 };
      return { body: {} };
    });
    await listAll(gcp({ tokenFile: undefined, keyFile }), 'gcp.Firewall');
    const assertion = new URLSearchParams(cloud.asked[0]?.body).get('assertion') ?? '';
    const [head = '', claims = '', signature = ''] = assertion.split('.');
    expect(verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'scan@lake',
      aud: key.token_uri,
    });
    expect(cloud.asked[1]?.headers.authorization).toBe('Bearer by-key');
    await listAll(gcp({ tokenFile: undefined, metadataEndpoint: cloud.url }), 'gcp.Firewall');
    expect(cloud.asked.at(-1)?.headers.authorization).toBe('Bearer by-machine');
    writeFileSync(keyFile, '{"private_key":"hunter2"}');
    const refused = await listAll(gcp({ tokenFile: undefined, keyFile }), 'gcp.Firewall').catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'inventory.forbidden' });
    expect(String(refused)).not.toContain('hunter2');
  });

  test('of a project that is not there, or forbidden, are told so', async () => {
    cloud.answer(() => ({ status: 404 }));
    await expect(listAll(gcp(), 'gcp.Firewall')).rejects.toMatchObject({ code: 'inventory.incomplete' });
    cloud.answer(() => ({ status: 403 }));
    await expect(listAll(gcp(), 'gcp.Firewall')).rejects.toMatchObject({ code: 'inventory.forbidden' });
  });
});
