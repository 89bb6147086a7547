import { z } from 'zod';
import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import type { Severity } from '../../model/verdict.ts';
import { nameResource } from './name-resource.ts';
import { matchesAny } from './pattern.ts';
import { isOwnPart, nameSubject, type Binding, type Subject } from './rbac.ts';
import { bindingOf } from './role-examples.ts';

const parameters = z.strictObject({
  admins: z
    .array(z.string())
    .default([])
    .describe('who may be cluster-admin: names of users and groups, `*` for any letters'),
});

/** Nobody but the named administrators is cluster-admin. */
export const noClusterAdmins = defineRule<KubernetesObject, typeof parameters>({
  id: 'kubernetes-no-cluster-admins',
  version: 1,
  title: 'Only administrators are cluster-admin',
  why: 'cluster-admin may do everything: one stolen laptop or one hole in a program that has it is the end of the whole lake.',
  area: 'identity',
  severity: 'critical',
  kinds: ['kubernetes.ClusterRoleBinding', 'kubernetes.RoleBinding'],
  controls: { 'cis-kubernetes-1.11': ['5.1.1'] },
  remedy: 'Bind a role that allows what is needed, or name the administrators in the parameter admins of the rule.',
  parameters,
  judge(resource, look) {
    const { roleRef, subjects } = resource.body as Binding;
    const name = nameResource(resource);
    if (roleRef?.name !== 'cluster-admin' || roleRef.kind !== 'ClusterRole')
      return { status: 'pass', reason: `${name} is about another role` };
    const { admins } = look.parameters;
    const others = (subjects ?? []).filter(
      (subject) => !isExpected(subject) && !matchesAny(subject.name ?? '', admins),
    );
    const names = others.map(nameSubject).toSorted();
    if (names.length === 0) return { status: 'pass', reason: `${name} names administrators only` };
    const wide = resource.kind === 'kubernetes.ClusterRoleBinding';
    const severity = severityOf(others, wide);
    const where = wide ? '' : ' in its namespace';
    return {
      status: 'fail',
      severity,
      reason: `${name} makes ${names.join(', ')} cluster-admin${where}`,
      evidence: { subjects: names },
    };
  },
  examples: [
    { shows: 'a human', given: bindingOf({ kind: 'User', name: 'alice' }, 'cluster-admin'), status: 'fail' },
    {
      shows: 'a named administrator',
      given: bindingOf({ kind: 'User', name: 'root@lake' }, 'cluster-admin'),
      parameters: { admins: ['root@*'] },
      status: 'pass',
    },
    {
      shows: 'the group that Kubernetes made for it',
      given: bindingOf({ kind: 'Group', name: 'system:masters' }, 'cluster-admin'),
      status: 'pass',
    },
    { shows: 'another role', given: bindingOf({ kind: 'User', name: 'alice' }, 'view'), status: 'pass' },
  ],
});

/** Parts of Kubernetes that need all rights; programs that somebody put beside them do not. */
function isExpected(subject: Subject): boolean {
  return subject.kind !== 'ServiceAccount' && isOwnPart(nameSubject(subject));
}

function severityOf(subjects: readonly Subject[], wide: boolean): Severity {
  if (subjects.every((subject) => isOwnPart(nameSubject(subject)))) return 'low';
  if (!wide) return 'medium';
  return subjects.every(({ kind }) => kind === 'ServiceAccount') ? 'high' : 'critical';
}
