import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import type { Severity } from '../../model/verdict.ts';
import { nameResource } from './name-resource.ts';
import { nameSubject, type Binding, type Subject } from './rbac.ts';
import { bindingOf } from './role-examples.ts';

/** What Kubernetes itself gives to everybody: only which kinds and version it has. */
const harmless = new Set([
  'system:public-info-viewer',
  'system:discovery',
  'system:basic-user',
  'system:service-account-issuer-discovery',
]);

/** No right is given to whoever asks, to whoever has any account, or to all programs. */
export const noAnonymousAccess = defineRule<KubernetesObject>({
  id: 'kubernetes-no-anonymous-access',
  version: 1,
  title: 'No role is given to everybody',
  why: 'system:unauthenticated is whoever reaches the API server, system:authenticated everybody with any account, system:serviceaccounts every program that runs.',
  area: 'identity',
  severity: 'critical',
  kinds: ['kubernetes.ClusterRoleBinding', 'kubernetes.RoleBinding'],
  remedy: 'Name the users, groups or service accounts that need the role.',
  judge(resource) {
    const { roleRef, subjects } = resource.body as Binding;
    const name = nameResource(resource);
    const role = roleRef?.name ?? '';
    const wide = (subjects ?? [])
      .map((subject) => ({ subject, severity: openness(subject) }))
      .filter(({ severity }) => severity !== undefined);
    if (wide.length === 0) return { status: 'pass', reason: `${name} names who gets ${role}` };
    const anonymous = wide.some(({ severity }) => severity === 'critical');
    if (harmless.has(role) && (!anonymous || role === 'system:public-info-viewer'))
      return { status: 'pass', reason: `${name} shows everybody only what the cluster is` };
    const names = wide.map(({ subject }) => nameSubject(subject)).toSorted();
    const severity =
      role === 'cluster-admin' || (anonymous && !harmless.has(role)) ? 'critical' : anonymous ? 'medium' : 'high';
    return {
      status: 'fail',
      severity,
      reason: `${name} gives ${role} to ${names.join(', ')}`,
      evidence: { role, subjects: names },
    };
  },
  examples: [
    {
      shows: 'view for whoever asks',
      given: bindingOf({ kind: 'Group', name: 'system:unauthenticated' }, 'view'),
      status: 'fail',
    },
    {
      shows: 'view for the anonymous user',
      given: bindingOf({ kind: 'User', name: 'system:anonymous' }, 'view'),
      status: 'fail',
    },
    {
      shows: 'edit for all programs',
      given: bindingOf({ kind: 'Group', name: 'system:serviceaccounts' }, 'edit'),
      status: 'fail',
    },
    {
      shows: 'the version for whoever asks',
      given: bindingOf({ kind: 'Group', name: 'system:unauthenticated' }, 'system:public-info-viewer'),
      status: 'pass',
    },
    { shows: 'view for a team', given: bindingOf({ kind: 'Group', name: 'analysts' }, 'view'), status: 'pass' },
  ],
});

function openness({ kind, name }: Subject): Severity | undefined {
  if ((kind === 'User' && name === 'system:anonymous') || (kind === 'Group' && name === 'system:unauthenticated'))
    return 'critical';
  return kind === 'Group' && (name === 'system:authenticated' || name === 'system:serviceaccounts')
    ? 'high'
    : undefined;
}
