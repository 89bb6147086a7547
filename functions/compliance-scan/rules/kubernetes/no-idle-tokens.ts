import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { deploymentOf, objectOf } from './pod-examples.ts';
import { podKinds, podOf } from './pod.ts';
import { narrowBindings, type Binding } from './rbac.ts';

/** Which service accounts mount no token unless a pod asks for it. */
const quiet: Need<true> = {
  kind: 'kubernetes.ServiceAccount',
  within: 'namespace',
  keys: ({ name, place }) => [`${place['namespace'] ?? ''}/${name}`],
  fact: ({ body }) => ((body as KubernetesObject)['automountServiceAccountToken'] === false ? true : undefined),
};

const accountsOf = (kind: string): Need<true> => ({
  kind,
  keys: ({ body }) =>
    ((body as Binding).subjects ?? [])
      .filter((subject) => subject.kind === 'ServiceAccount')
      .map(({ namespace, name }) => `${namespace ?? ''}/${name ?? ''}`),
  fact: () => true,
});
const boundWide = accountsOf('kubernetes.ClusterRoleBinding');
const boundNarrow = accountsOf(narrowBindings.kind);

/** Pods whose account may do nothing carry no token of it. */
export const noIdleTokens = defineRule<KubernetesObject>({
  id: 'kubernetes-no-idle-tokens',
  version: 1,
  title: 'Pods that do not speak to the API server carry no token for it',
  why: 'The token is mounted unless somebody says no. Where no role is bound it is of use to nobody but an attacker, from the day on which somebody binds one.',
  area: 'identity',
  severity: 'low',
  kinds: podKinds,
  controls: { 'cis-kubernetes-1.11': ['5.1.6'] },
  remedy: 'Set automountServiceAccountToken to false in the pod or in its service account.',
  needs: [quiet, boundWide, boundNarrow],
  trim(resource) {
    // There may be very many of these, so nothing is kept that is not looked at.
    const { labels: _, version: __, ...kept } = resource;
    return { ...kept, body: trimPod(resource.body, podOf(resource)?.spec) };
  },
  judge(resource, look) {
    const told = (resource.body as { readonly told?: Told }).told;
    if (told === undefined) return [];
    const name = nameResource(resource);
    const account = `${resource.place['namespace'] ?? ''}/${told.account}`;
    if (told.mounts === false) return { status: 'pass', reason: `${name} carries no token` };
    if (told.mounts === undefined && look.related(quiet, account).length > 0)
      return { status: 'pass', reason: `${name} carries no token, by its account` };
    if (look.related(boundWide, account).length + look.related(boundNarrow, account).length > 0)
      return { status: 'pass', reason: `${name} carries a token of an account that has roles` };
    return {
      status: 'fail',
      reason: `${name} carries a token of ${told.account}, which has no role`,
      evidence: { account: told.account },
    };
  },
  examples: [
    { shows: 'told not to', given: deploymentOf({}, { automountServiceAccountToken: false }), status: 'pass' },
    { shows: 'nothing said', given: deploymentOf({}), status: 'fail' },
    {
      shows: 'an account that says no',
      given: deploymentOf({}),
      beside: [objectOf('kubernetes.ServiceAccount', 'default', { automountServiceAccountToken: false }, 'lake')],
      status: 'pass',
    },
  ],
});

interface Told {
  readonly account: string;
  readonly mounts: boolean | undefined;
}

function trimPod(
  { apiVersion, kind, metadata }: KubernetesObject,
  spec: NonNullable<ReturnType<typeof podOf>>['spec'] | undefined,
): KubernetesObject {
  const trimmed = { apiVersion, kind, metadata: { name: metadata.name } };
  if (spec?.containers === undefined) return trimmed;
  const told: Told = { account: spec.serviceAccountName ?? 'default', mounts: spec.automountServiceAccountToken };
  return { ...trimmed, told };
}
