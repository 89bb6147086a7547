import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LakewardenError } from '#shared/errors/error.ts';
import { createLog } from '#shared/observe/log.ts';
import { packageFunction } from '../../tools/package.ts';
import { type CliRun, lakewarden } from '../support/cli.ts';
import { commandsFor } from '../support/command-holders.ts';
import { eventHeaders, startFunction } from '../support/function-process.ts';
import { functionNames, type Manifest, readManifests, repository } from '../support/manifests.ts';
import { ask, cluster, kubectl } from './admin.ts';
import { makeNamespaces, render } from './manifests.ts';
import { type NodeStandIn, startNode } from './node-stand-in.ts';

const namespace = `guides-${randomBytes(4).toString('hex')}`;
/** Where a page goes by func, without a namespace of its own. */
const other = `${namespace}-func`;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-guides-'));
const logs = new Map<string, string>();
let objects = '';
let node: NodeStandIn | undefined;

beforeAll(async () => {
  await makeNamespaces([namespace, other, 'lakewarden', 'argocd', 'flux-system']);
  await makeLogs();
  node = await startNode(namespace, (container) => logs.get(container) ?? '');
  await makeObjects();
  symlinkSync(join(repository, 'manifests'), join(folder, 'manifests'));
  for (const name of ['ca.crt', 'hdfs-token', 'kafka-password', 'settings.yaml'])
    writeFileSync(join(folder, name), 'x');
  mkdirSync(join(folder, 'bin'));
  const { program, kubeconfig } = cluster();
  writeFileSync(
    join(folder, 'bin/kubectl'),
    `#!/bin/sh\nexec '${program}' kubectl --kubeconfig '${kubeconfig}' "$@"\n`,
  );
  chmodSync(join(folder, 'bin/kubectl'), 0o755);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  // No controller takes away what is in a namespace, and other tests list the whole cluster.
  // No kubelet says that a pod has ended.
  await kubectl(['delete', '--wait=false', '--force', '--grace-period=0', '--ignore-not-found', '-f', '-'], objects);
  await node?.stop();
  await kubectl(['delete', 'namespace', namespace, other, '--wait=false']);
});

/** A log of each function: that of compliance-scan, which met all that others can meet, too, and what only one of them writes. */
async function makeLogs(): Promise<void> {
  const met = await meetTrouble();
  for (const name of functionNames) {
    const own: string[] = [];
    const log = createLog({ function: name, level: 'info' }, { write: (line) => own.push(line) });
    const err = new LakewardenError('sink.unavailable', 'the lineage endpoint did not take everything in time');
    if (name === 'metastore-sync') log.warn({ err }, '1 lineage events were not taken, 0 were');
    if (name === 'dead-letter-triage') log.info({ outcome: { lost: '3' } }, 'triage partial');
    logs.set(name, `${met}${own.join('')}`);
  }
}

/** The log of compliance-scan that gets an event it does not know, finds no Kafka, no collector, and a sink that is away, then refuses. */
async function meetTrouble(): Promise<string> {
  let status = 503;
  const sink = createServer(
    (request, response) => void request.resume().on('end', () => response.writeHead(status).end()),
  );
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const open = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'trino' }, spec: { type: 'LoadBalancer' } };
  mkdirSync(join(folder, 'deploy'));
  writeFileSync(join(folder, 'deploy/service.yaml'), JSON.stringify(open));
  // Nobody listens there.
  const connection = { brokers: ['127.0.0.1:1'], deadlineSeconds: 1 };
  const settings = { sources: { manifests: { folder: join(folder, 'deploy') }, kafka: { connection } } };
  writeFileSync(join(folder, 'scan.yaml'), JSON.stringify(settings));
  const packaged = await packageFunction(join(repository, 'functions/compliance-scan'), join(folder, 'scan'));
  const env = {
    LAKEWARDEN_CONFIG: join(folder, 'scan.yaml'),
    K_SINK: `http://127.0.0.1:${(sink.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  };
  const command = [process.execPath, 'index.cjs'] as const;
  const scan = await startFunction({ entry: packaged.folder, cwd: packaged.folder, command, env });
  const post = (type: string) => scan.send({ headers: eventHeaders(type) });
  try {
    await post('com.example.unknown');
    await post('dev.knative.sources.ping');
    status = 400;
    await post('dev.knative.sources.ping');
    return scan.output();
  } finally {
    await scan.end();
    sink.close();
    sink.closeAllConnections();
  }
}

/** Kinds that `kubectl wait` waits for, and what their controllers would say of them. */
const waitedFor: Readonly<Record<string, string>> = {
  ApiServerSource: 'Ready',
  Broker: 'Ready',
  Deployment: 'Available',
  KafkaSource: 'Ready',
  PingSource: 'Ready',
  Service: 'Ready',
  Trigger: 'Ready',
};

/** Makes what stands in a namespace of ours when all components are deployed, with what Knative makes of a Service, and all is ready. */
async function makeObjects(): Promise<void> {
  const rendered = readManifests(await render('test/fixtures/overlays/all-components'));
  const kinds = [...Object.keys(waitedFor), 'NetworkPolicy', 'PodMonitor', 'SinkBinding'];
  const ours = rendered.filter(({ kind, metadata }) => metadata.namespace === 'lakewarden' && kinds.includes(kind));
  const labels = { 'serving.knative.dev/service': 'metastore-sync' };
  const containers = [{ name: 'main', image: 'registry.example/main:1' }];
  const template = { metadata: { labels }, spec: { containers } };
  const made = [
    { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', name: 'metastore-sync-00007', spec: { containers } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'controller',
      spec: { selector: { matchLabels: labels }, template },
    },
    ...functionNames.map((name) => ({ apiVersion: 'v1', kind: 'Pod', name, spec: podOf(name) })),
  ].map(({ name, ...object }) => ({
    ...object,
    metadata: { name, labels: { ...labels, 'app.kubernetes.io/name': name } },
  }));
  const all = [...ours, ...made].map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
  objects = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: all });
  await kubectl(['apply', '--server-side', '-f', '-'], objects);
  await Promise.all(all.map((object) => makeReady(object as Manifest)));
}

/** The pod of a function: one container of its name, on the node of ours. */
function podOf(name: string): object {
  return { nodeName: namespace, containers: [{ name, image: 'registry.example/main:1' }] };
}

async function makeReady({ apiVersion, kind, metadata }: Manifest): Promise<void> {
  const type = waitedFor[kind];
  if (type === undefined || apiVersion === 'v1') return;
  const status = { conditions: [{ type, status: 'True' }] };
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s/${metadata.name}/status`;
  await ask('PATCH', path, { status }, { contentType: 'application/merge-patch+json' });
}

/** A line as it is in this cluster: its namespace; what would change more than that is only tried by the server. */
function inThisCluster(line: string): string {
  const tried = /^kubectl (?:apply|delete) /.test(line) && !line.includes('--dry-run');
  return line
    .replaceAll(/ -n \S+/g, ` -n ${namespace}`)
    .replace('create namespace lakewarden', 'create --dry-run=server -o name namespace my-lake')
    .replace(/create (?=serviceaccount|configmap metastore)/, `create -n ${other} `)
    .replaceAll('FUNCTION', 'compliance-scan')
    .replace(/$/, tried ? ' --dry-run=server' : '')
    .replace('delete -k', 'delete --ignore-not-found -k');
}

async function run(line: string): Promise<CliRun> {
  if (line.startsWith('lakewarden ')) return await lakewarden(line.split(' ').slice(1), { cwd: folder });
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
  return await new Promise((resolve) => {
    const options = { cwd: folder, env, timeout: 60_000, maxBuffer: 1 << 26 };
    const done = (error: { code?: unknown } | null, out: string, err: string): void =>
      resolve({ code: Number(error?.code ?? 0), out, err });
    execFile('sh', ['-c', inThisCluster(line)], options, done);
  });
}

const commands = commandsFor('test/kubernetes/guides.test.ts').map(({ line }) => line);

test.each(commands)('%s does what its page says', async (line) => {
  const { code, out, err } = await run(line);
  expect({ code, err }).toEqual({ code: 0, err });
  // What is sent into a file, or by mkdir, shows nothing; grep shows what it was to find.
  if (!/ > |^mkdir /.test(line)) expect(out).not.toBe('');
  const [, word = ''] = /\| grep (?:-\S+ )?'?([\w".:]+)/.exec(line) ?? [];
  expect(out).toContain(word);
});
