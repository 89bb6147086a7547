import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Authority } from '../support/certificates.ts';
import { ask, create, kubectl } from './admin.ts';

/** A node whose kubelet tells logs of pods; nothing runs on it. */
export interface NodeStandIn {
  readonly name: string;
  stop(): Promise<void>;
}

/** Makes a node of the cluster, with a kubelet that answers for logs alone: what `logOf` gives for a container's name. */
export async function startNode(name: string, logOf: (container: string) => string): Promise<NodeStandIn> {
  const authority = new Authority();
  const { cert, key } = authority.sign('kubelet', { host: 'IP:127.0.0.1' });
  // Kubelet's path is /containerLogs/<namespace>/<pod>/<container>.
  const server = createServer({ cert, key }, ({ url = '' }, response) => {
    const [, kind, , , container = ''] = new URL(url, 'https://node').pathname.split('/');
    if (kind === 'containerLogs') response.end(logOf(container));
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Nobody shall put a pod of another test there.
  const taints = [{ key: 'stand-in', effect: 'NoSchedule' }];
  await create({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: (server.address() as AddressInfo).port } },
  };
  const contentType = 'application/merge-patch+json';
  await ask('PATCH', `/api/v1/nodes/${name}/status`, { status }, { contentType });
  return {
    name,
    async stop() {
      server.close();
      server.closeAllConnections();
      authority.remove();
      await kubectl(['delete', 'node', name]);
    },
  };
}
