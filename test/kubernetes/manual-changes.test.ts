import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { kubernetesSettings } from '#functions/compliance-scan/inventory/kubernetes/settings.ts';
import type { Verdict } from '#functions/compliance-scan/model/verdict.ts';
import { noManualChanges } from '#functions/compliance-scan/rules/kubernetes/no-manual-changes.ts';
import { ask, cluster, create, kubectl } from './admin.ts';

const namespace = `manual-${randomBytes(4).toString('hex')}`;
const path = (name: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

function deployment(name: string, more: object = {}) {
  const labels = { app: name };
  const containers = [{ name: 'main', image: 'dev.local/trino:476' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels, ...more },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

/** Applies as a delivery tool does, on the server. */
async function deliver(name: string): Promise<void> {
  const annotations = { 'argocd.argoproj.io/tracking-id': `lake:apps/Deployment:${namespace}/${name}` };
  await ask('PATCH', `${path(name)}?fieldManager=argocd-controller&force=true`, deployment(name, { annotations }), {
    contentType: 'application/apply-patch+yaml',
  });
}

async function judge(name: string): Promise<Verdict | undefined> {
  const { server, caFile, adminTokenFile } = cluster();
  const source = openKubernetes(kubernetesSettings.parse({ server, caFile, tokenFile: adminTokenFile }));
  const place = { cluster: 'main', namespace };
  const resource = await source.read(
    { kind: 'kubernetes.Deployment', scope: 's', name, place },
    new AbortController().signal,
  );
  await source.close();
  if (resource === undefined) throw new Error(`${name} is gone`);
  const parameters = noManualChanges.parameters?.parse({});
  const evaluation = new Evaluation([{ rule: noManualChanges, parameters, severity: 'medium' }], {
    now: 0,
    ownerOf: () => undefined,
  });
  return evaluation.add(resource)[0];
}

beforeAll(() => create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));
afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

describe('managedFields as a real API server keeps them', () => {
  test('of a delivered Deployment, with a status by a controller and a scale by the autoscaler, show no hand', async () => {
    await deliver('clean');
    const status = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'clean', namespace },
      status: { replicas: 1 },
    };
    await ask('PATCH', `${path('clean')}/status?fieldManager=kube-controller-manager`, status, {
      contentType: 'application/merge-patch+json',
    });
    await ask(
      'PATCH',
      `${path('clean')}/scale?fieldManager=kube-controller-manager`,
      { spec: { replicas: 3 } },
      { contentType: 'application/merge-patch+json' },
    );
    expect(await judge('clean')).toMatchObject({ status: 'pass' });
  });

  test.each([
    [
      'set',
      ['set', 'image', 'deployment/set', 'main=dev.local/trino:477'],
      'kubectl-set',
      'spec.template.spec.containers[name="main"].image',
    ],
    ['label', ['label', 'deployment', 'label', 'owner=me'], 'kubectl-label', 'metadata.labels.owner'],
    [
      'annotate',
      ['annotate', 'deployment', 'annotate', 'a.b/c=me'],
      'kubectl-annotate',
      'metadata.annotations["a.b/c"]',
    ],
    ['scale', ['scale', 'deployment', 'scale', '--replicas=5'], 'kubectl', 'spec.replicas'],
    ['patch', ['patch', 'deployment', 'patch', '-p', '{"spec":{"paused":true}}'], 'kubectl-patch', 'spec.paused'],
  ])('name who did it and which field after kubectl %s', async (name, args, manager, field) => {
    await deliver(name);
    await kubectl([...args, '-n', namespace]);
    const verdict = await judge(name);
    expect(verdict).toMatchObject({
      status: 'fail',
      severity: 'medium',
      reason: `Deployment ${namespace}/${name}: ${manager} set ${field}`,
    });
    // The API server gives no time to a scale.
    const time = name === 'scale' ? {} : { time: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(verdict?.evidence).toMatchObject({ changes: [{ manager, operation: 'Update', fields: [field], ...time }] });
  });

  test('after kubectl rollout restart are a piece of information', async () => {
    await deliver('restart');
    await kubectl(['rollout', 'restart', 'deployment/restart', '-n', namespace]);
    expect(await judge('restart')).toMatchObject({ status: 'fail', severity: 'info' });
  });

  test('are clean again when the delivery takes the field back', async () => {
    await deliver('back');
    await kubectl(['scale', 'deployment', 'back', '--replicas=5', '-n', namespace]);
    expect(await judge('back')).toMatchObject({ status: 'fail' });
    await deliver('back');
    expect(await judge('back')).toMatchObject({ status: 'pass' });
  });

  test('show kubectl apply where a tool delivers, and not where applying is the delivery', async () => {
    await deliver('tool');
    const added = deployment('tool', { annotations: { note: 'mine' } });
    await kubectl(['apply', '-f', '-'], JSON.stringify(added));
    expect(await judge('tool')).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('kubectl-client-side-apply'),
    });
    await kubectl(['apply', '-f', '-'], JSON.stringify(deployment('people')));
    expect(await judge('people')).toMatchObject({ status: 'pass' });
  });

  test('taken away leave it unknown', async () => {
    await deliver('stripped');
    await ask(
      'PATCH',
      path('stripped'),
      { metadata: { managedFields: [{}] } },
      { contentType: 'application/merge-patch+json' },
    );
    expect(await judge('stripped')).toMatchObject({ status: 'unknown' });
  });
});
