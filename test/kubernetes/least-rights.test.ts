import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { functionNames, type Manifest, ofKind, readManifests, repository } from '../support/manifests.ts';
import { canI, tokenOf } from './accounts.ts';
import { ask, kubectl } from './admin.ts';
import { makeNamespaces, render } from './manifests.ts';

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

// Accounts and roles of production stand in the cluster of the test under their own names, with nothing else of it.
const kinds = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
const namespace = 'lakewarden';
let objects: Manifest[] = [];
const own = (): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.filter(({ kind }) => kinds.includes(kind)) });

beforeAll(async () => {
  objects = readManifests(await render('manifests/overlays/production'));
  await makeNamespaces([namespace, 'elsewhere']);
  const nobody = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody', namespace: 'elsewhere' } };
  await kubectl(['apply', '--server-side', '-f', '-'], own());
  await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(nobody));
});
afterAll(async () => {
  await kubectl(['delete', '--ignore-not-found', '--wait=false', '-f', '-'], own());
});

/** All that the API server says the owner of a token may do in a namespace, one word a line: verb, group, resource. */
async function rightsOf(token: string, where: string): Promise<string[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: where } };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
  const { status } = await ask<{ status: { resourceRules: Rule[]; incomplete: boolean } }>('POST', path, review, {
    token,
  });
  expect(status.incomplete).toBe(false);
  return expand(status.resourceRules);
}

function expand(rules: readonly Rule[]): string[] {
  const words = rules.flatMap(({ verbs, apiGroups, resources }) =>
    verbs.flatMap((verb) => apiGroups.flatMap((group) => resources.map((one) => `${verb} ${group}/${one}`))),
  );
  return [...new Set(words)].toSorted();
}

/** What an account may do beyond what every account may. */
async function ownRights(account: string): Promise<string[]> {
  const [token, nobody] = [await tokenOf(namespace, account), await tokenOf('elsewhere', 'nobody')];
  const everybodys = new Set(await rightsOf(nobody, 'elsewhere'));
  const here = (await rightsOf(token, namespace)).filter((right) => !everybodys.has(right));
  const there = (await rightsOf(token, 'elsewhere')).filter((right) => !everybodys.has(right));
  expect(there).toEqual(here);
  return here;
}

describe('the account of compliance-scan', () => {
  test('may do what kubernetes-rights.yaml says, but for Secrets, and nothing else', async () => {
    const text = readFileSync(join(repository, 'functions/compliance-scan/kubernetes-rights.yaml'), 'utf8');
    const [role] = readManifests(text);
    expect(await ownRights('compliance-scan')).toEqual(expand((role as Manifest)['rules'] as Rule[]));
  });

  test('lists, and is refused what would hurt', async () => {
    const token = await tokenOf(namespace, 'compliance-scan');
    await ask('GET', '/api/v1/pods?limit=1', undefined, { token });
    await expect(ask('GET', '/api/v1/secrets?limit=1', undefined, { token })).rejects.toThrow('403');
    const refused = [
      { verb: 'list', resource: 'secrets' },
      { verb: 'get', resource: 'secrets', namespace },
      { verb: 'create', resource: 'pods', namespace },
      { verb: 'create', resource: 'pods', subresource: 'exec', namespace },
      { verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace, name: 'compliance-scan' },
      { verb: 'update', group: 'networking.k8s.io', resource: 'networkpolicies', namespace },
      { verb: 'delete', group: 'serving.knative.dev', resource: 'services', namespace },
      { verb: 'watch', resource: 'pods' },
      { verb: 'impersonate', resource: 'users' },
    ];
    for (const wish of refused) expect({ wish, allowed: await canI(token, wish) }).toEqual({ wish, allowed: false });
  });
});

describe('the account of the source of changes', () => {
  test('may watch what the source names, and nothing else', async () => {
    const rights = await ownRights('resource-changes');
    const [source] = ofKind(objects, 'ApiServerSource');
    expect(source?.spec.serviceAccountName).toBe('resource-changes');
    const names = source?.spec.resources as { apiVersion: string; kind: string }[];
    expect(rights).toHaveLength(names.length * 3);
    // What the source's controller asks before it starts, for each kind: eventing's apiserversource reconciler.
    const token = await tokenOf(namespace, 'resource-changes');
    for (const { apiVersion, kind } of names) {
      const path = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
      const { resources } = await ask<{ resources: { kind: string; name: string }[] }>('GET', path, undefined, {
        token,
      });
      const resource = resources.find((one) => one.kind === kind && !one.name.includes('/'))?.name;
      const group = apiVersion === 'v1' ? '' : (apiVersion.split('/')[0] ?? '');
      for (const verb of ['get', 'list', 'watch']) {
        const wish = { verb, group, resource: resource ?? kind };
        expect({ wish, allowed: await canI(token, wish) }).toEqual({ wish, allowed: true });
        expect(rights).toContain(`${verb} ${group}/${resource}`);
      }
    }
  });
});

test.each(functionNames.filter((name) => name !== 'compliance-scan'))(
  'the account of %s may do nothing',
  async (name) => {
    expect(await ownRights(name)).toEqual([]);
  },
);
