import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../support/manifests.ts';
import { startFunction, type FunctionProcess } from '../support/function-process.ts';
import { ask, cluster, create, knativeProgram } from './admin.ts';

/** How a source is started: as whom it asks the API server, and where it sends events. */
interface SourceOptions {
  /** A folder for its files. */
  readonly folder: string;
  /** A token of its service account. */
  readonly token: string;
  readonly namespace: string;
}

/** Writes a kubeconfig file for the owner of a token and gives its path. */
function writeKubeconfig({ folder, token }: SourceOptions, name: string): string {
  const { server, caFile } = cluster();
  const file = join(folder, `${name}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'source',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'source', user: { token } }],
    contexts: [{ name: 'source', context: { cluster: 'test', user: 'source' } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function start(
  program: 'apiserversource' | 'pingsource',
  options: SourceOptions,
  env: Readonly<Record<string, string>>,
): Promise<FunctionProcess> {
  return startFunction({
    entry: options.folder,
    cwd: options.folder,
    command: [knativeProgram(program)],
    ready: false,
    env: {
      KUBECONFIG: writeKubeconfig(options, program),
      NAMESPACE: options.namespace,
      SYSTEM_NAMESPACE: options.namespace,
      POD_NAME: program,
      K_LEADER_ELECTION_CONFIG: JSON.stringify({
        buckets: 1,
        leaseDuration: 15e9,
        renewDeadline: 10e9,
        retryPeriod: 2e9,
      }),
      K_SINK_TIMEOUT: '-1',
      // It would listen on all addresses; a port that is none keeps it from that.
      PROFILING_PORT: 'none',
      ...env,
    },
  });
}

/** Starts what Knative would start for an ApiServerSource, and waits until it watches. */
export async function startApiServerSource(
  { metadata, spec }: Manifest,
  sink: string,
  options: SourceOptions,
): Promise<FunctionProcess> {
  const resources = (spec.resources as readonly Resource[]).map(({ apiVersion, kind, selector }) => {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    // As knative.dev/eventing guesses it in pkg/reconciler/apiserversource/resources.
    const plural = kind
      .toLowerCase()
      .replace(/(s|x|ch|sh)$/, '$1e')
      .replace(/y$/, 'ie');
    return {
      gvr: { Group: group, Version: version, Resource: `${plural}s` },
      selector: (selector?.matchExpressions ?? []).map(({ key }) => `!${key}`).join(),
    };
  });
  const config = { namespaces: [''], allNamespaces: true, resources, mode: spec.mode };
  return start('apiserversource', options, {
    NAME: metadata.name,
    K_SINK: sink,
    K_SOURCE_CONFIG: JSON.stringify(config),
  });
}

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly selector?: { readonly matchExpressions: readonly { readonly key: string }[] };
}

/** Starts what ticks for all PingSources. */
export async function startPingSources(options: SourceOptions): Promise<FunctionProcess> {
  for (const name of ['config-logging', 'config-observability'])
    await create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: options.namespace }, data: {} });
  return start('pingsource', options, {});
}

/** Makes a PingSource and says of it what Knative's controller would: that it is ready, and where its ticks go. */
export async function makePingSource(source: Manifest, namespace: string, sink: string): Promise<void> {
  const path = `/apis/sources.knative.dev/v1/namespaces/${namespace}/pingsources`;
  const { metadata } = await ask<Manifest>('POST', path, { ...source, metadata: { name: source.metadata.name } });
  const conditions = ['Ready', 'Deployed', 'SinkProvided'].map((type) => ({ type, status: 'True' }));
  const status = { sinkUri: sink, observedGeneration: metadata.generation, conditions };
  const merge = { contentType: 'application/merge-patch+json' };
  await ask('PATCH', `${path}/${metadata.name}/status`, { status }, merge);
}
