import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import type { Need } from '../../model/rule.ts';
import { matchesAny } from './pattern.ts';

/** A Role or ClusterRole: rbac.authorization.k8s.io/v1. */
export interface Role extends KubernetesObject {
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: {
    readonly clusterRoleSelectors?: readonly { readonly matchLabels?: Readonly<Record<string, string>> }[];
  };
}

/** What a role allows: every verb on every resource of every group that it names. */
export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** A RoleBinding or ClusterRoleBinding. */
export interface Binding extends KubernetesObject {
  readonly roleRef?: { readonly kind?: string; readonly name?: string };
  readonly subjects?: readonly Subject[];
}

/** Who gets a role. */
export interface Subject {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** A binding as far as it matters to its role. */
export interface BindingFact {
  readonly name: string;
  /** True where the role holds in every namespace. */
  readonly wide: boolean;
  readonly subjects: readonly string[];
}

/** Subjects as people write them: `User alice`, `Group system:authenticated`, `ServiceAccount lake/default`. */
export function nameSubject({ kind = '?', name = '?', namespace }: Subject): string {
  return kind === 'ServiceAccount' ? `ServiceAccount ${namespace ?? '?'}/${name}` : `${kind} ${name}`;
}

/** Parts of Kubernetes itself, which need much. */
const ownSubjects = [
  'User system:*',
  'Group system:masters',
  'Group system:nodes',
  'Group system:bootstrappers*',
  'ServiceAccount kube-system/*',
];

/** Whether a subject is a part of Kubernetes itself. */
export function isOwnPart(subject: string): boolean {
  // Users of these names are nobody in particular, or service accounts by their other name.
  if (matchesAny(subject, ['User system:anonymous', 'User system:serviceaccount:*']))
    return subject.startsWith('User system:serviceaccount:kube-system:');
  return matchesAny(subject, ownSubjects);
}

/** Whether a role came with Kubernetes, which keeps it as it is. */
export function isBuiltIn({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults';
}

/** Under which key the bindings of a role are found. */
export function roleKey(kind: string, namespace: string | undefined, name: string): string {
  return kind === 'ClusterRole' ? `ClusterRole/${name}` : `Role/${namespace ?? ''}/${name}`;
}

function needOf(kind: string, wide: boolean): Need<BindingFact> {
  return {
    kind,
    keys: ({ body, place }) => {
      const { roleRef } = body as Binding;
      return [roleKey(roleRef?.kind ?? '', place['namespace'], roleRef?.name ?? '')];
    },
    fact: ({ name, body }) => {
      const subjects = ((body as Binding).subjects ?? []).map(nameSubject).filter((subject) => !isOwnPart(subject));
      return subjects.length === 0 ? undefined : { name, wide, subjects };
    },
  };
}

/** Bindings that give a ClusterRole in every namespace, to others than parts of Kubernetes. */
export const wideBindings = needOf('kubernetes.ClusterRoleBinding', true);

/** Bindings that give a role in one namespace, to others than parts of Kubernetes. */
export const narrowBindings = needOf('kubernetes.RoleBinding', false);
