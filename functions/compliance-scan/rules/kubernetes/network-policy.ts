import {
  type AddressSet,
  nowhere,
  readAddresses,
  subtractAddresses,
  uniteAddresses,
} from '../../address/address-set.ts';
import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';

/** A NetworkPolicy: networking.k8s.io/v1. */
export interface NetworkPolicy extends KubernetesObject {
  readonly spec?: {
    readonly podSelector?: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly unknown[] }[];
    readonly egress?: readonly unknown[];
  };
}

interface Peer {
  readonly ipBlock?: { readonly cidr?: string; readonly except?: readonly string[] };
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
}

/** Chooses things by their labels; an empty one chooses all. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Who may come in by a policy, or by several together. */
export interface Admitted {
  /** True where a rule names nobody, which admits everybody. */
  readonly anybody: boolean;
  readonly addresses: AddressSet;
  /** True where the pods of every namespace may come. */
  readonly allNamespaces: boolean;
  /** Blocks that are no addresses. */
  readonly unread: readonly string[];
}

/** Nobody may come in. */
export const nobody: Admitted = { anybody: false, addresses: nowhere, allNamespaces: false, unread: [] };

/** Whether a policy keeps anybody out at all; one for egress alone leaves the way in open. */
export function isolatesIngress({ spec }: NetworkPolicy): boolean {
  const types = spec?.policyTypes;
  return types === undefined || types === null || types.length === 0 || types.includes('Ingress');
}

/** Whom a policy lets in, over all its rules. */
export function admittedBy(policy: NetworkPolicy): Admitted {
  if (!isolatesIngress(policy)) return nobody;
  let all = nobody;
  for (const { from } of policy.spec?.ingress ?? []) {
    // No list and an empty one both mean everybody.
    if ((from ?? []).length === 0) all = { ...all, anybody: true };
    for (const peer of from ?? []) all = unite(all, admittedAs(peer));
  }
  return all;
}

/** Whom several let in together. */
export function unite(...parts: readonly Admitted[]): Admitted {
  return {
    anybody: parts.some(({ anybody }) => anybody),
    addresses: uniteAddresses(...parts.map(({ addresses }) => addresses)),
    allNamespaces: parts.some(({ allNamespaces }) => allNamespaces),
    unread: parts.flatMap(({ unread }) => unread),
  };
}

function admittedAs({ ipBlock, podSelector, namespaceSelector }: Peer): Admitted {
  if (ipBlock) {
    const { set, unread } = readAddresses([ipBlock.cidr ?? '']);
    const kept = readAddresses(ipBlock.except ?? []);
    return { ...nobody, addresses: subtractAddresses(set, kept.set), unread: [...unread, ...kept.unread] };
  }
  const allNamespaces = namespaceSelector ? selectsNearlyAll(namespaceSelector) && isEmpty(podSelector ?? {}) : false;
  return { ...nobody, allNamespaces };
}

/** Whether a selector of namespaces leaves out none, or only those that it names: each bears its own name as a label. */
function selectsNearlyAll({ matchLabels, matchExpressions }: LabelSelector): boolean {
  if (Object.keys(matchLabels ?? {}).length > 0) return false;
  return (matchExpressions ?? []).every(
    ({ key, operator }) =>
      operator === 'NotIn' ||
      operator === 'DoesNotExist' ||
      (operator === 'Exists' && key === 'kubernetes.io/metadata.name'),
  );
}

/** Whether a selector chooses everything. */
export function isEmpty(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

/** Whether a selector chooses something with these labels: concepts, labels, set-based requirements. */
export function selects(
  { matchLabels, matchExpressions }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const valueOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  if (!Object.entries(matchLabels ?? {}).every(([key, value]) => valueOf(key) === value)) return false;
  return (matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = valueOf(key);
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const among = value !== undefined && values.includes(value);
    return operator === 'In' ? among : !among;
  });
}
