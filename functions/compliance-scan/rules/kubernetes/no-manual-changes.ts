import { z } from 'zod';
import type { KubernetesObject, ManagedFields } from '../../inventory/kubernetes/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import { defineRule } from '../../model/rule.ts';
import { severities, type Json, type Severity } from '../../model/verdict.ts';
import { readFieldPaths } from './field-paths.ts';
import { nameResource } from './name-resource.ts';
import { matchesAny } from './pattern.ts';
import { objectOf } from './pod-examples.ts';

/** Programs that write what Git says, or what Kubernetes itself has to write. */
const usualManagers = [
  'argocd* kustomize-controller helm-controller flux* Helm helm Terraform* terraform* pulumi*',
  'kube-* kubelet cluster-* clusterrole-aggregation-controller cloud-controller-manager vpa-* before-first-apply',
  '*controller* *operator* *webhook* kyverno* gatekeeper knative* lakewarden',
].flatMap((names) => names.split(' '));

/** How people apply files, in the absence of anything better. */
const appliers = [
  'kubectl-client-side-apply',
  'kubectl',
  'kubectl-create',
  'kubectl-run',
  'kubectl-expose',
  'kubectl-last-applied',
];

/** By what tools know the objects that are theirs. */
const marks: readonly RegExp[] = [
  /^argocd\.argoproj\.io\/(?:tracking-id|instance)$/,
  /^kustomize\.toolkit\.fluxcd\.io\//,
  /^helm\.toolkit\.fluxcd\.io\//,
  /^meta\.helm\.sh\/release-name$/,
];

const restarted = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]';
const shownFields = 20;

const judgedKinds = [
  'Deployment StatefulSet DaemonSet CronJob Pod Service Service.serving.knative.dev ConfigMap ServiceAccount',
  'Ingress NetworkPolicy Role RoleBinding ClusterRole ClusterRoleBinding StorageClass Namespace ResourceQuota',
  'HorizontalPodAutoscaler PodDisruptionBudget',
].flatMap((kinds) => kinds.split(' '));

const parameters = z.strictObject({
  managers: z
    .array(z.string())
    .default(usualManagers)
    .describe('who may change objects: names of field managers, `*` for any letters'),
  appliers: z
    .array(z.string())
    .default(appliers)
    .describe('who may change objects that no tool of delivery calls its own'),
});

/** Nobody changes by hand what Git describes: told field by field from managedFields, which the API server keeps. */
export const noManualChanges = defineRule<KubernetesObject, typeof parameters>({
  id: 'kubernetes-no-manual-changes',
  version: 1,
  title: 'Nobody changes objects by hand',
  why: 'What was changed by hand stands in no Git: nobody reviewed it, the next delivery may take it away, and a field that was only added stays unseen by delivery tools.',
  area: 'changes',
  severity: 'medium',
  kinds: judgedKinds.map((kind) => `kubernetes.${kind}`),
  remedy:
    'Write the change into Git, or let the delivery tool put the fields back; then name its field manager in the parameter managers if it is missing there.',
  parameters,
  judge(resource, look) {
    const { metadata } = resource.body;
    const name = nameResource(resource);
    // Nobody has changed a file of a folder by hand, as far as anybody can say.
    if (metadata.uid === undefined) return [];
    if ((metadata.managedFields ?? []).length === 0)
      return { status: 'unknown', reason: `${name} shows no managedFields, so nobody can say who changed it` };
    const changes = (metadata.managedFields ?? [])
      .flatMap((entry) => readChange(resource, entry, look.parameters))
      .toSorted(byManager);
    const [first] = changes;
    if (first === undefined)
      return { status: 'pass', reason: `${name} was changed by its delivery and by controllers only` };
    const others = changes.length > 1 ? `, and ${changes.length - 1} more changed it` : '';
    const more = first.fields.length > 1 ? ` and ${first.fields.length - 1} more fields` : '';
    const severity = severities.find((each) => changes.some((change) => change.severity === each)) ?? 'medium';
    return {
      status: 'fail',
      severity,
      reason: `${name}: ${first.manager} set ${first.fields[0] ?? ''}${more}${others}`,
      evidence: { changes: changes.map(showChange) },
    };
  },
  examples: [
    {
      shows: 'a Deployment that Flux applied',
      given: changed('kustomize-controller', { 'f:spec': { 'f:replicas': {} } }, 'Apply'),
      status: 'pass',
    },
    { shows: 'kubectl edit', given: changed('kubectl-edit', { 'f:spec': { 'f:replicas': {} } }), status: 'fail' },
    {
      shows: 'a status that somebody writes',
      given: changed('somebody', { 'f:status': { 'f:replicas': {} } }, 'Update', 'status'),
      status: 'pass',
    },
    {
      shows: 'the autoscaler',
      given: changed('kube-controller-manager', { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale'),
      status: 'pass',
    },
    { shows: 'managedFields that were taken away', given: changed(undefined, {}), status: 'unknown' },
  ],
});

interface ManualChange {
  readonly manager: string;
  readonly operation: string;
  readonly time: string | undefined;
  readonly fields: readonly string[];
  readonly severity: Severity;
}

type Given = z.output<typeof parameters>;

function readChange(resource: Resource<KubernetesObject>, entry: ManagedFields, given: Given): ManualChange[] {
  const { manager = 'somebody without a name', operation = '', subresource = '', time, fieldsV1 } = entry;
  // A person may set the scale too, but it is what autoscalers are for; somebody's kubectl scale goes there as kubectl.
  const byHand = manager.startsWith('kubectl');
  if (subresource === 'status' || (['scale', 'resize'].includes(subresource) && !byHand)) return [];
  if (matchesAny(manager, given.managers)) return [];
  if (matchesAny(manager, given.appliers) && subresource === '' && !isDelivered(resource)) return [];
  if (isRepeat(resource) && subresource !== 'ephemeralcontainers') return [];
  const fields = readFieldPaths(fieldsV1).filter((path) => !path.startsWith('status'));
  if (fields.length === 0) return [];
  const harmless = fields.every((path) => path === restarted);
  return [{ manager, operation, time, fields, severity: harmless ? 'info' : 'medium' }];
}

/** Whether a tool of delivery says that the object is its own; what people apply themselves is then a change by hand. */
function isDelivered({ labels = {}, body }: Resource<KubernetesObject>): boolean {
  const keys = [...Object.keys(labels), ...Object.keys(body.metadata.annotations ?? {})];
  return labels['app.kubernetes.io/managed-by'] === 'Helm' || keys.some((key) => marks.some((mark) => mark.test(key)));
}

/** Pods that something else made hold what that wrote. */
function isRepeat({ kind, body }: Resource<KubernetesObject>): boolean {
  return kind === 'kubernetes.Pod' && (body.metadata.ownerReferences ?? []).length > 0;
}

function byManager(a: ManualChange, b: ManualChange): number {
  const [left, right] = [
    `${severities.indexOf(a.severity)} ${a.manager} ${a.operation}`,
    `${severities.indexOf(b.severity)} ${b.manager} ${b.operation}`,
  ];
  return left < right ? -1 : 1;
}

function showChange({ manager, operation, time, fields }: ManualChange): Json {
  const more = fields.length > shownFields ? { more: fields.length - shownFields } : {};
  return { manager, operation, ...(time === undefined ? {} : { time }), fields: fields.slice(0, shownFields), ...more };
}

function changed(manager: string | undefined, fieldsV1: object, operation = 'Update', subresource?: string) {
  const inside = subresource === undefined ? {} : { subresource };
  const managedFields =
    manager === undefined
      ? []
      : [{ manager, operation, time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1', fieldsV1, ...inside }];
  return objectOf('kubernetes.Deployment', 'trino', { metadata: { uid: '1', managedFields } }, 'lake');
}
