import type { Manifest } from './manifests.ts';

/** What a Knative Service of ours says of its pods. */
export interface Revision {
  readonly containers: readonly [
    {
      readonly name: string;
      readonly image: string;
      readonly env: readonly { readonly name: string; readonly value: string }[];
      readonly securityContext: Readonly<Record<string, unknown>>;
    },
  ];
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
  readonly [field: string]: unknown;
}

/** The pods of a Knative Service, with what Knative keeps for itself. */
export function revisionOf({ spec }: Manifest): Revision {
  return (spec as { template: { spec: Revision } }).template.spec;
}

/** The pod that Knative makes of a Service, without the proxy that it puts before the function. */
export function podOf(service: Manifest): Manifest {
  const { containerConcurrency: _, timeoutSeconds: _t, responseStartTimeoutSeconds: _r, ...spec } = revisionOf(service);
  const { name, namespace = 'default' } = service.metadata;
  const { labels } = (service.spec as { template: { metadata: { labels: Record<string, string> } } }).template.metadata;
  const own = { ...labels, 'serving.knative.dev/service': name };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: own }, spec };
}
