import type { KubernetesObject, OwnerReference } from '../../inventory/kubernetes/kinds.ts';
import type { Resource } from '../../model/resource.ts';

/** The part of a pod's specification that rules look at: reference/kubernetes-api, PodSpec. */
export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: SecurityContext;
  readonly os?: { readonly name?: string };
}

/** The part of a container that rules look at. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly containerPort?: number; readonly hostPort?: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[];
  readonly resources?: { readonly limits?: Amounts; readonly requests?: Amounts };
  readonly securityContext?: SecurityContext;
}

/** A volume of a pod; only those that show a part of the node matter. */
export interface Volume {
  readonly name: string;
  readonly hostPath?: { readonly path?: string };
}

type Amounts = Readonly<Record<string, string | number>>;

/** Of a container or, as far as it has these fields, of a whole pod. */
export interface SecurityContext {
  readonly privileged?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string };
  readonly appArmorProfile?: { readonly type?: string };
  readonly procMount?: string;
  readonly sysctls?: readonly { readonly name?: string }[];
  readonly windowsOptions?: { readonly hostProcess?: boolean };
}

/** What is judged of a resource that runs pods. */
export interface Pod {
  readonly spec: PodSpec;
  readonly containers: readonly PodContainer[];
  /** True where only what was added to a running pod is judged, because its owner is judged for the rest. */
  readonly addedOnly: boolean;
}

/** A container and in which of a pod's lists it stands. */
export interface PodContainer extends Container {
  readonly role: 'container' | 'init container' | 'ephemeral container';
}

/** The kinds that run pods. ReplicaSets are not among them: those of Deployments only repeat, and the pods of others are judged. */
export const podKinds = [
  'kubernetes.Deployment',
  'kubernetes.StatefulSet',
  'kubernetes.DaemonSet',
  'kubernetes.Job',
  'kubernetes.CronJob',
  'kubernetes.Pod',
  'kubernetes.Service.serving.knative.dev',
] as const;

interface Workload extends KubernetesObject {
  readonly spec?: PodSpec & {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
  };
}

interface Template {
  readonly spec?: PodSpec;
}

const judgedOwners = new Set(['StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Deployment']);

/** The pod that a resource runs; undefined for one that only repeats what its owner says, and for one without any. */
export function podOf({ kind, body }: Resource<KubernetesObject>): Pod | undefined {
  const { spec } = body as Workload;
  const repeats = isRepeated(body);
  if (kind === 'kubernetes.Pod') return spec === undefined ? undefined : asPod(spec, repeats);
  const template = kind === 'kubernetes.CronJob' ? spec?.jobTemplate?.spec?.template : spec?.template;
  return repeats || template?.spec === undefined ? undefined : asPod(template.spec, false);
}

/** Where the pod's specification stands in a body of a kind. */
export function podPath(kind: string): readonly string[] {
  if (kind === 'kubernetes.Pod') return ['spec'];
  return kind === 'kubernetes.CronJob'
    ? ['spec', 'jobTemplate', 'spec', 'template', 'spec']
    : ['spec', 'template', 'spec'];
}

function asPod(spec: PodSpec, addedOnly: boolean): Pod {
  const mark = (list: readonly Container[] | undefined, role: PodContainer['role']): PodContainer[] =>
    (list ?? []).map((container) => ({ ...container, role }));
  const added = mark(spec.ephemeralContainers, 'ephemeral container');
  if (addedOnly) return { spec: {}, containers: added, addedOnly };
  const containers = [...mark(spec.containers, 'container'), ...mark(spec.initContainers, 'init container'), ...added];
  return { spec, containers, addedOnly };
}

/** Whether the owner of this object is judged for what it says. */
function isRepeated({ metadata }: KubernetesObject): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return false;
  // A Deployment marks the pods of its ReplicaSets so; those of other owners, such as Argo's rollouts, are judged themselves.
  if (isOf(owner, 'apps') && owner.kind === 'ReplicaSet') return metadata.labels?.['pod-template-hash'] !== undefined;
  // A Revision of a Knative Service owns the Deployment.
  if (isOf(owner, 'serving.knative.dev')) return true;
  return (isOf(owner, 'apps') || isOf(owner, 'batch')) && judgedOwners.has(owner.kind);
}

function isOf({ apiVersion }: OwnerReference, group: string): boolean {
  return apiVersion.startsWith(`${group}/`);
}
