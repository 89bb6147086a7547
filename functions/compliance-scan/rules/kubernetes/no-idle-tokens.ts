import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { deploymentOf, objectOf } from './pod-examples.ts';
import { podKinds, podOf } from './pod.ts';
import { narrowBindings, wideBindings, type Binding } from './rbac.ts';

/** Pods by the accounts whose token they carry: `asked` where the pod itself wants it, `usual` where its account decides. */
const carriers = podKinds.map((kind): Need<'asked' | 'usual'> => ({
  kind,
  within: 'namespace',
  keys: (resource) => [`${resource.place['namespace'] ?? ''}/${specOf(resource)?.serviceAccountName ?? 'default'}`],
  fact(resource) {
    const spec = specOf(resource);
    if (spec?.containers === undefined || spec.automountServiceAccountToken === false) return undefined;
    return spec.automountServiceAccountToken === true ? 'asked' : 'usual';
  },
}));

function specOf(resource: Resource) {
  return podOf(resource as Resource<KubernetesObject>)?.spec;
}

const bound = [wideBindings, narrowBindings].map(({ kind }): Need<true> => ({
  kind,
  keys: ({ body }) =>
    ((body as Binding).subjects ?? [])
      .filter((subject) => subject.kind === 'ServiceAccount')
      .map(({ namespace, name }) => `${namespace ?? ''}/${name ?? ''}`),
  fact: () => true,
}));

/** Pods whose account may do nothing carry no token of it. */
export const noIdleTokens = defineRule<KubernetesObject>({
  id: 'kubernetes-no-idle-tokens',
  version: 1,
  title: 'Pods carry no token of an account that has no role',
  why: 'The token is mounted unless somebody says no. Where no role is bound it is of use to nobody but an attacker, from the day on which somebody binds one.',
  area: 'identity',
  severity: 'low',
  kinds: ['kubernetes.ServiceAccount'],
  controls: { 'cis-kubernetes-1.11': ['5.1.6'] },
  remedy: 'Set automountServiceAccountToken of the service account to false.',
  needs: [...carriers, ...bound],
  trim: ({ body, ...resource }) => ({
    ...resource,
    body: {
      apiVersion: body.apiVersion,
      kind: body.kind,
      metadata: { name: resource.name },
      automountServiceAccountToken: body['automountServiceAccountToken'],
    },
  }),
  judge(resource, look) {
    const name = nameResource(resource);
    const key = `${resource.place['namespace'] ?? ''}/${resource.name}`;
    if (bound.some((need) => look.related(need, key).length > 0))
      return { status: 'pass', reason: `${name} has roles` };
    const quiet = resource.body['automountServiceAccountToken'] === false;
    const carried = carriers.some((need) => look.related(need, key).some((how) => how === 'asked' || !quiet));
    if (!carried) return { status: 'pass', reason: `${name}: no pod carries its token` };
    return { status: 'fail', reason: `${name} has no role, and pods carry its token` };
  },
  examples: [
    { shows: 'a pod says nothing', given: accountOf(), beside: [deploymentOf({})], status: 'fail' },
    {
      shows: 'the pod says no',
      given: accountOf(),
      beside: [deploymentOf({}, { automountServiceAccountToken: false })],
      status: 'pass',
    },
    {
      shows: 'the account says no',
      given: accountOf({ automountServiceAccountToken: false }),
      beside: [deploymentOf({})],
      status: 'pass',
    },
    {
      shows: 'the account says no and the pod yes',
      given: accountOf({ automountServiceAccountToken: false }),
      beside: [deploymentOf({}, { automountServiceAccountToken: true })],
      status: 'fail',
    },
    { shows: 'no pod', given: accountOf(), status: 'pass' },
  ],
});

function accountOf(more: object = {}) {
  return objectOf('kubernetes.ServiceAccount', 'default', more, 'lake');
}
