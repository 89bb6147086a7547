import type { ExampleResource } from '../../model/rule.ts';
import { objectOf } from './pod-examples.ts';
import type { PolicyRule, Subject } from './rbac.ts';

/** A ClusterRole for examples. */
export function clusterRoleOf(...rules: readonly PolicyRule[]): ExampleResource {
  return objectOf('kubernetes.ClusterRole', 'reader', { rules });
}

/** A binding of that role, or of another one, for examples: in every namespace, or in one. */
export function bindingOf(subject: Subject, role = 'reader', namespace?: string): ExampleResource {
  const kind = namespace === undefined ? 'kubernetes.ClusterRoleBinding' : 'kubernetes.RoleBinding';
  return objectOf(kind, 'binding', { roleRef: { kind: 'ClusterRole', name: role }, subjects: [subject] }, namespace);
}
