/** An object as Kubernetes writes it, without `status` and without what may hold secrets. The body of all kinds of this system. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly [field: string]: unknown;
}

/** What Kubernetes keeps about every object. Labels stand in {@link Resource.labels} too. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** Who made an object, and goes on caring for it when `controller` is true. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

/** Which fields somebody set: reference/kubernetes-api, ManagedFieldsEntry. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  /** RFC 3339, whole seconds. */
  readonly time?: string;
  readonly fieldsV1?: unknown;
}

/** Where the API server keeps the objects of a kind. */
export interface ResourceType {
  /** Without `kubernetes.`: `Deployment`, or for kinds that are not built in `Service.serving.knative.dev`. */
  readonly name: string;
  /** What the objects call themselves: `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As paths name it: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Kinds that come with every cluster: group and version, plural, and `*` where they live in no namespace. */
const table: Readonly<Record<string, string>> = {
  Namespace: 'v1 namespaces *',
  Node: 'v1 nodes *',
  PersistentVolume: 'v1 persistentvolumes *',
  PersistentVolumeClaim: 'v1 persistentvolumeclaims',
  Pod: 'v1 pods',
  Service: 'v1 services',
  ServiceAccount: 'v1 serviceaccounts',
  ConfigMap: 'v1 configmaps',
  Secret: 'v1 secrets',
  ResourceQuota: 'v1 resourcequotas',
  LimitRange: 'v1 limitranges',
  Deployment: 'apps/v1 deployments',
  StatefulSet: 'apps/v1 statefulsets',
  DaemonSet: 'apps/v1 daemonsets',
  ReplicaSet: 'apps/v1 replicasets',
  Job: 'batch/v1 jobs',
  CronJob: 'batch/v1 cronjobs',
  HorizontalPodAutoscaler: 'autoscaling/v2 horizontalpodautoscalers',
  PodDisruptionBudget: 'policy/v1 poddisruptionbudgets',
  NetworkPolicy: 'networking.k8s.io/v1 networkpolicies',
  Ingress: 'networking.k8s.io/v1 ingresses',
  IngressClass: 'networking.k8s.io/v1 ingressclasses *',
  Role: 'rbac.authorization.k8s.io/v1 roles',
  RoleBinding: 'rbac.authorization.k8s.io/v1 rolebindings',
  ClusterRole: 'rbac.authorization.k8s.io/v1 clusterroles *',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1 clusterrolebindings *',
  StorageClass: 'storage.k8s.io/v1 storageclasses *',
  CustomResourceDefinition: 'apiextensions.k8s.io/v1 customresourcedefinitions *',
  ValidatingWebhookConfiguration: 'admissionregistration.k8s.io/v1 validatingwebhookconfigurations *',
  MutatingWebhookConfiguration: 'admissionregistration.k8s.io/v1 mutatingwebhookconfigurations *',
};

/** The kinds that come with every cluster, by their name. */
export const builtInTypes: ReadonlyMap<string, ResourceType> = new Map(
  Object.entries(table).map(([kind, text]) => {
    const [apiVersion = '', plural = '', cluster] = text.split(' ');
    return [kind, { name: kind, apiVersion, kind, plural, namespaced: cluster === undefined }];
  }),
);

/** Kinds of which only `metadata` is ever asked for: it is all that rules look at, or the rest is nobody's business. */
export const metadataOnly: ReadonlySet<string> = new Set(['Secret', 'CustomResourceDefinition']);

const builtInNames = new Map(
  [...builtInTypes.values()].map(({ apiVersion, kind }) => [`${groupOf(apiVersion)}/${kind}`, kind]),
);

/** The group in an `apiVersion`; empty for the core. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** What an object's kind is called here, whatever its version: `Deployment`, `Service.serving.knative.dev`. */
export function nameKind(apiVersion: string, kind: string): string {
  const group = groupOf(apiVersion);
  return builtInNames.get(`${group}/${kind}`) ?? (group === '' ? kind : `${kind}.${group}`);
}
