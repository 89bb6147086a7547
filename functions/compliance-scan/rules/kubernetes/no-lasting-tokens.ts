import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

const account = 'kubernetes.io/service-account.name';

/** No token of a service account lasts for ever: seen by the annotation alone, the token itself is never read. */
export const noLastingTokens = defineRule<KubernetesObject>({
  id: 'kubernetes-no-lasting-tokens',
  version: 1,
  title: 'No Secret holds a token of a service account',
  why: 'Such a token never ends, is bound to no pod, and works from everywhere until somebody deletes the Secret.',
  area: 'identity',
  severity: 'medium',
  kinds: ['kubernetes.Secret'],
  remedy: 'Delete the Secret; let pods use their projected tokens and people kubectl create token.',
  judge(resource) {
    const name = nameResource(resource);
    const owner = resource.body.metadata.annotations?.[account];
    if (owner === undefined) return { status: 'pass', reason: `${name} holds no token of a service account` };
    return {
      status: 'fail',
      reason: `${name} holds a token of service account ${owner} that never ends`,
      evidence: { account: owner },
    };
  },
  examples: [
    {
      shows: 'a token',
      given: objectOf('kubernetes.Secret', 'token', { metadata: { annotations: { [account]: 'ci' } } }, 'lake'),
      status: 'fail',
    },
    { shows: 'anything else', given: objectOf('kubernetes.Secret', 'password', {}, 'lake'), status: 'pass' },
  ],
});
