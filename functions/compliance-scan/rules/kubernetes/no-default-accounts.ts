import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { nameSubject, type Binding } from './rbac.ts';
import { bindingOf } from './role-examples.ts';

/** No rights for the account that every pod gets which names none. */
export const noDefaultAccounts = defineRule<KubernetesObject>({
  id: 'kubernetes-no-default-accounts',
  version: 1,
  title: 'No role is given to a default service account',
  why: 'Every pod of the namespace that names no account of its own gets these rights, also those that come later.',
  area: 'identity',
  severity: 'medium',
  kinds: ['kubernetes.ClusterRoleBinding', 'kubernetes.RoleBinding'],
  controls: { 'cis-kubernetes-1.11': ['5.1.5'] },
  remedy: 'Make a service account for the program that needs the role, name it in its pods, and bind the role to it.',
  judge(resource) {
    const { roleRef, subjects } = resource.body as Binding;
    const name = nameResource(resource);
    const found = (subjects ?? [])
      .filter((subject) => subject.kind === 'ServiceAccount' && subject.name === 'default')
      .map(nameSubject)
      .toSorted();
    if (found.length === 0) return { status: 'pass', reason: `${name} names no default account` };
    return {
      status: 'fail',
      reason: `${name} gives ${roleRef?.name ?? ''} to ${found.join(', ')}`,
      evidence: { subjects: found },
    };
  },
  examples: [
    {
      shows: 'the default account',
      given: bindingOf({ kind: 'ServiceAccount', name: 'default', namespace: 'lake' }, 'view'),
      status: 'fail',
    },
    {
      shows: 'an account of its own',
      given: bindingOf({ kind: 'ServiceAccount', name: 'trino', namespace: 'lake' }, 'view'),
      status: 'pass',
    },
  ],
});
