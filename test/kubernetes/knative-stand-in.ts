import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './admin.ts';
import type { Manifest } from '../support/manifests.ts';

// What Knative's controllers and a registry of images would do while func waits for them.

/** A place that says of every image that it is there; gives its name as references have it. */
export async function startRegistry(): Promise<{ readonly name: string; stop(): void }> {
  const server = createServer((request, response) => {
    const digest = /sha256:[0-9a-f]{64}$/.exec(request.url ?? '')?.[0];
    const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json', 'content-length': '2' };
    response.writeHead(200, digest === undefined ? {} : { ...headers, 'docker-content-digest': digest }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { name: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

/** Waits until a Knative Service is stored, and says of it that it is ready and where it answers. */
export async function makeReady(namespace: string, name: string, signal: AbortSignal): Promise<void> {
  const path = (plural: string): string => `/apis/serving.knative.dev/v1/namespaces/${namespace}/${plural}`;
  const find = (): Promise<Manifest | undefined> =>
    ask<Manifest>('GET', `${path('services')}/${name}`).catch(() => undefined);
  let service: Manifest | undefined;
  while ((service = await find()) === undefined) await sleep(50, undefined, { signal });
  const head = { apiVersion: 'serving.knative.dev/v1', kind: 'Route', metadata: { name, namespace } };
  const url = `http://${name}.${namespace}.example.test`;
  const status = {
    url,
    observedGeneration: service.metadata.generation,
    conditions: ['Ready', 'ConfigurationsReady', 'RoutesReady'].map((type) => ({ type, status: 'True' })),
  };
  const merge = { contentType: 'application/merge-patch+json' };
  await ask('POST', path('routes'), { ...head, spec: {} });
  await ask('PATCH', `${path('routes')}/${name}/status`, { status }, merge);
  await ask('PATCH', `${path('services')}/${name}/status`, { status }, merge);
}
