import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exposureWithin } from '#functions/compliance-scan/address/exposure.ts';
import { type Firewall, reachOf } from '#functions/compliance-scan/address/firewall.ts';
import { openOpenstack } from '#functions/compliance-scan/inventory/openstack/open-openstack.ts';
import { openstackSettings } from '#functions/compliance-scan/inventory/openstack/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import { type FakeAnswer, type FakeAsk, FakeCloud } from '../../../support/fake-cloud.ts';

const { signal } = new AbortController();
const fake = new FakeCloud();

beforeAll(() => fake.start());
afterAll(() => fake.stop());

async function listAll(source: Source): Promise<Resource[]> {
  const resources: Resource[] = [];
  for await (const scope of source.scopes(new Set(['openstack.SecurityGroup']), signal))
    for await (const page of source.list(scope, signal)) resources.push(...page);
  return resources;
}

function reach({ body }: Resource, port: number): string {
  return exposureWithin(reachOf(body as Firewall, 'ingress', 'tcp', port));
}

describe('OpenStack', () => {
  const rule = (more: object) => ({
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: 'tcp',
    port_range_min: 22,
    port_range_max: 22,
    ...more,
  });
  const groups = [
    {
      id: 'a',
      name: 'default',
      project_id: 'p',
      tags: ['owner=lake', 'plain'],
      revision_number: 7,
      security_group_rules: [rule({})],
    },
    {
      id: 'b',
      name: 'halves',
      security_group_rules: [rule({ remote_ip_prefix: '0.0.0.0/1' }), rule({ remote_address_group_id: 'half' })],
    },
    { id: 'c', name: 'theirs', security_group_rules: [rule({ remote_address_group_id: 'theirs' })] },
    {
      id: 'd',
      name: 'own',
      security_group_rules: [rule({ remote_group_id: 'd' }), rule({ ethertype: 'IPv6', remote_ip_prefix: 'fc00::/7' })],
    },
    {
      id: 'e',
      name: 'six',
      security_group_rules: [rule({ ethertype: 'IPv6', protocol: null, port_range_min: null, port_range_max: null })],
    },
  ];

  function answer({ url, headers, body }: FakeAsk): FakeAnswer {
    if (url.pathname === '/v3/auth/tokens') {
      const catalog = [
        { type: 'network', endpoints: [{ interface: 'public', region: 'one', url: `${fake.url}/network/` }] },
      ];
      const ok = body.includes('a-password-of-nobody');
      return ok
        ? {
            status: 201,
            headers: { 'x-subject-token': 'token' },
            body: { token: { catalog, expires_at: '2099-01-01T00:00:00Z' } },
          }
        : { status: 401 };
    }
    if (headers['x-auth-token'] !== 'token') return { status: 401 };
    if (url.pathname === '/network/v2.0/address-groups/half')
      return { body: { address_group: { addresses: ['128.0.0.0/1'] } } };
    if (url.pathname.startsWith('/network/v2.0/address-groups/')) return { status: 404 };
    const one = groups.find(({ id }) => url.pathname === `/network/v2.0/security-groups/${id}`);
    if (one !== undefined) return { body: { security_group: one } };
    if (url.pathname !== '/network/v2.0/security-groups') return { status: 404 };
    const after = groups.findIndex(({ id }) => id === url.searchParams.get('marker')) + 1;
    const page = groups.slice(after, after + 2);
    const links = after + 2 < groups.length ? [{ rel: 'next', href: 'http://another.example/' }] : [];
    return { body: { security_groups: page, security_groups_links: links } };
  }

  const open = (password: string) =>
    openOpenstack(
      openstackSettings.parse({
        name: 'lab',
        authUrl: `${fake.url}/v3`,
        attempts: 1,
        user: { name: 'scan', project: 'lake', password },
      }),
    );

  test('all pages are read, and address groups are resolved or unknown', async () => {
    fake.answer(answer);
    const source = open('a-password-of-nobody');
    const resources = await listAll(source);
    expect(resources.map((resource) => [resource.name, reach(resource, 22)])).toEqual([
      ['default', 'world'],
      ['halves', 'world'],
      ['theirs', 'unknown'],
      ['own', 'private'],
      ['six', 'world'],
    ]);
    expect(resources[0]).toMatchObject({
      labels: { owner: 'lake', plain: '' },
      version: '7',
      body: { isDefault: true },
    });
    expect(await source.read(resources[1] as Resource, signal)).toEqual(resources[1]);
    expect(
      await source.read({ ...(resources[1] as Resource), uid: 'openstack/lab/default/SecurityGroup/gone' }, signal),
    ).toBeUndefined();
    expect(fake.asked.filter(({ url }) => url.pathname.endsWith('/tokens')).length).toBe(1);
  });

  test('a wrong password is told without it', async () => {
    fake.answer(answer);
    const thrown = await listAll(open('a-wrong-password')).catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'inventory.forbidden',
      message: 'Keystone of cloud lab refuses to let us in (401)',
    });
  });
});
