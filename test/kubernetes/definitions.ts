import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { cacheFolder, type OnProgress } from '#lake-in-a-box/jars.ts';
import { runTool } from '#lake-in-a-box/launch.ts';
import { waitForLock } from '#lake-in-a-box/lock.ts';

/** Go modules of which only definitions of custom resources are taken: where these stand, and which. */
const sources: readonly (readonly [module: string, folder: string, files: readonly string[]])[] = [
  [
    'github.com/openreports/reports-api@v0.2.1',
    'config/crd',
    ['openreports.io_clusterreports', 'openreports.io_reports'],
  ],
  [
    'github.com/kyverno/kyverno@v1.19.1',
    'config/crds/policyreport',
    ['wgpolicyk8s.io_clusterpolicyreports', 'wgpolicyk8s.io_policyreports'],
  ],
  ['knative.dev/serving@v0.50.0', 'config/core/300-resources', ['configuration', 'revision', 'route', 'service']],
  [
    'knative.dev/eventing@v0.50.0',
    'config/core/resources',
    (
      'apiserversource broker channel containersource eventpolicy eventtransform eventtype ' +
      'jobsink pingsource sinkbindings subscription trigger'
    ).split(' '),
  ],
  [
    'knative.dev/eventing-kafka-broker@v0.50.1',
    'control-plane/config/eventing-kafka-broker',
    ['100-source/100-kafka-source', '100-sink/100-kafka-sink'],
  ],
  [
    'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    'example/prometheus-operator-crd',
    ['podmonitors', 'servicemonitors', 'prometheusrules'].map((name) => `monitoring.coreos.com_${name}`),
  ],
  ['github.com/argoproj/argo-cd/v3@v3.1.8', 'manifests/crds', ['application-crd', 'appproject-crd']],
  ['github.com/fluxcd/kustomize-controller@v1.7.3', 'config/crd/bases', ['kustomize.toolkit.fluxcd.io_kustomizations']],
  ['github.com/fluxcd/source-controller@v1.8.5', 'config/crd/bases', ['source.toolkit.fluxcd.io_gitrepositories']],
];

/** Seconds that downloading one module may take. */
const patience = 10 * 60;

/** Downloads definitions of custom resources, once on this machine, and answers the file that holds all of them. Throws `lake.failed`. */
export async function provideDefinitions(onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
    .update(JSON.stringify(sources))
    .update(readFileSync(import.meta.filename));
  const file = join(cacheFolder(), 'kubernetes', `definitions-${hash.digest('hex').slice(0, 16)}.json`);
  if (existsSync(file)) return file;
  const unlock = await waitForLock(file, () => onProgress('another run is downloading: waiting for it'), signal);
  try {
    if (existsSync(file)) return file;
    onProgress('downloading definitions of custom resources (once on this machine)');
    const folder = `${file}.new`;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const items: object[] = [];
    for (const [module, inside, names] of sources) {
      const from = join(await downloadModule(module, folder, signal), inside);
      for (const name of names) items.push(...readDefinitions(join(from, `${name}.yaml`)));
    }
    writeFileSync(join(folder, 'all.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    renameSync(join(folder, 'all.json'), file);
    rmSync(folder, { recursive: true });
    return file;
  } finally {
    unlock();
  }
}

/** Downloads a module into Go's cache and answers where it is unpacked. Throws `lake.failed`. */
export async function downloadModule(module: string, cwd: string, signal: AbortSignal): Promise<string> {
  const alone = ['GOWORK=off', 'GOFLAGS=-mod=mod'];
  const said = await runTool('env', [...alone, 'go', 'mod', 'download', '-json', module], cwd, signal, patience);
  return (JSON.parse(said) as { Dir: string }).Dir;
}

interface Definition {
  readonly kind: string;
  readonly spec: { conversion?: object };
}

function readDefinitions(file: string): Definition[] {
  const all = parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document) => document.toJS() as Definition | null)
    .filter((object) => object?.kind === 'CustomResourceDefinition');
  // Nobody answers here who converts one version into another.
  for (const object of all) object!.spec.conversion = { strategy: 'None' };
  return all as Definition[];
}
