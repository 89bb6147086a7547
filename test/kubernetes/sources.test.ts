import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageFunction } from '../../tools/package.ts';
import { startFunction, type FunctionProcess } from '../support/function-process.ts';
import { ofKind, readFolder, repository, type Manifest } from '../support/manifests.ts';
import { TriggerBroker, type Published } from '../support/trigger-broker.ts';
import { tokenOf } from './accounts.ts';
import { cluster, create, kubectl } from './admin.ts';
import { makePingSource, startApiServerSource, startPingSources } from './sources.ts';

// Sources, Triggers and rights are those of manifests/; only the addresses are of this machine.

const suffix = randomBytes(4).toString('hex');
const namespace = `sources-${suffix}`;
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-sources-'));
const eventing = readFolder('base/eventing');
const broker = new TriggerBroker(ofKind(eventing, 'Trigger'));

let scan: FunctionProcess;
let sink: string;
const sources: FunctionProcess[] = [];

/** Makes accounts and roles of the manifests under names of this test. */
async function makeRights(objects: readonly Manifest[]): Promise<void> {
  const own = (name: string): string => `${name}-${suffix}`;
  for (const object of objects) {
    const { kind, metadata } = object;
    if (kind === 'ServiceAccount') await create({ ...object, metadata: { ...metadata, namespace } });
    if (kind === 'ClusterRole') await create({ ...object, metadata: { name: own(metadata.name) } });
    if (kind === 'ClusterRoleBinding')
      await create({
        ...object,
        metadata: { name: own(metadata.name) },
        roleRef: { ...object['roleRef'], name: own(object['roleRef'].name) },
        subjects: [{ ...object['subjects'][0], namespace }],
      });
  }
}

beforeAll(async () => {
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await makeRights([...eventing, ...readFolder('base/compliance-scan')]);
  const [name, tokenFile] = ['compliance-scan', join(temp, 'scan.token')];
  writeFileSync(tokenFile, await tokenOf(namespace, name));
  const { server, caFile } = cluster();
  const settings = join(temp, 'settings.json');
  const written = {
    sources: { kubernetes: { server, caFile, tokenFile } },
    state: { local: join(temp, 'state') },
    rules: { 'kubernetes-no-lasting-tokens': { enabled: false } },
  };
  writeFileSync(settings, JSON.stringify(written));
  sink = await broker.start();
  const { folder } = await packageFunction(join(repository, 'functions', name), join(temp, name));
  const env = { LAKEWARDEN_CONFIG: settings, K_SINK: sink };
  scan = await startFunction({ entry: folder, cwd: folder, command: [process.execPath, 'index.cjs'], env });
  broker.subscribers.set(name, `http://127.0.0.1:${scan.port}`);
});
afterAll(async () => {
  for (const source of sources) await source.end();
  await scan?.end();
  broker.stop();
  rmSync(temp, { recursive: true });
  for (const kind of ['clusterrolebinding', 'clusterrole'])
    await kubectl(['delete', kind, `lakewarden-resource-changes-${suffix}`, `lakewarden-compliance-scan-${suffix}`]);
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

const isAbout =
  (type: string, name: string) =>
  ({ attributes }: Published): boolean =>
    attributes['type'] === type && JSON.stringify(attributes).includes(name);

describe('the adapter of ApiServerSource, with the rights that the manifests give it', () => {
  test('tells of an object that is made, and a finding comes of it', async () => {
    const [source] = ofKind(eventing, 'ApiServerSource');
    const token = await tokenOf(namespace, 'resource-changes');
    sources.push(await startApiServerSource(source!, sink, { folder: temp, token, namespace }));
    // It says nothing of what is there before it watches: so things are made until it tells of one.
    let made = 0;
    const making = setInterval(() => void makeOpenService(`open-${made++}`), 1_000);
    const { attributes } = await broker
      .waitFor(isAbout('dev.knative.apiserver.ref.add', namespace))
      .finally(() => clearInterval(making));
    expect(attributes).toMatchObject({ kind: 'Service', namespace, apiversion: 'v1' });
    const opened = await broker.waitFor(isAbout('dev.lakewarden.finding.opened', String(attributes['name'])));
    expect(opened.attributes['data']).toMatchObject({ rule: 'kubernetes-no-open-load-balancers' });
    await broker.idle();
    expect(broker.deliveries.filter(({ trigger }) => trigger.startsWith('compliance-scan-'))).not.toHaveLength(0);
    expect(broker.faults).toEqual([]);
    expect(sources[0]?.output()).not.toMatch(/forbidden/);
  });

  test('says nothing of what Knative makes and scales: a scan would wake itself', async () => {
    await makeDeployment('made-by-knative', { 'serving.knative.dev/service': 'compliance-scan' });
    await kubectl(['scale', 'deployment', 'made-by-knative', '-n', namespace, '--replicas=1']);
    // What came of the others would have come before.
    await makeDeployment('written-by-people', {});
    await broker.waitFor(isAbout('dev.knative.apiserver.ref.add', 'written-by-people'));
    expect(broker.events.filter(({ attributes }) => JSON.stringify(attributes).includes('made-by-knative'))).toEqual(
      [],
    );
    await broker.idle();
  });
});

describe('the adapter of PingSources', () => {
  test('ticks, and the whole cluster is looked at', async () => {
    const token = readFileSync(cluster().adminTokenFile, 'utf8');
    sources.push(await startPingSources({ folder: temp, token, namespace }));
    const source = ofKind(eventing, 'PingSource').find(({ metadata }) => metadata.name === 'compliance-scan-all')!;
    await makePingSource({ ...source, spec: { ...source.spec, schedule: '* * * * * *' } }, namespace, sink);
    const { attributes } = await broker.waitFor(({ attributes: { type } }) => type === 'dev.knative.sources.ping');
    expect(attributes).toMatchObject({ function: 'compliance-scan', data: {} });
    // Sweeps that changes ask for look at less.
    const isWhole = ({ attributes: { type, data } }: Published): boolean =>
      type === 'dev.lakewarden.scan.completed' && (data as { scopes: number }).scopes > 20;
    const completed = await broker.waitFor(isWhole);
    await kubectl(['delete', 'pingsource', source.metadata.name, '-n', namespace]);
    await broker.idle();
    expect(completed.attributes['data']).toMatchObject({ complete: true, incomplete: 0 });
    expect(broker.faults).toEqual([]);
  });
});

function makeOpenService(name: string): Promise<void> {
  const spec = { type: 'LoadBalancer', ports: [{ port: 8080 }], loadBalancerSourceRanges: ['0.0.0.0/0'] };
  return create({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec });
}

function makeDeployment(name: string, own: Readonly<Record<string, string>>): Promise<void> {
  const labels = { app: name, ...own };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'registry.example/one:1' }] } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  return create({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace, labels }, spec });
}
