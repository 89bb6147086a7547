import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';
import { portsOf, type Service } from './service.ts';

/** No Service opens a port on every node. */
export const noNodePorts = defineRule<KubernetesObject>({
  id: 'kubernetes-no-node-ports',
  version: 1,
  title: 'No Service opens a port of every node',
  why: 'A NodePort is open on every node of the cluster, to everybody who reaches one of them; no source range holds anybody back.',
  area: 'network',
  severity: 'medium',
  kinds: ['kubernetes.Service'],
  remedy: 'Use type ClusterIP behind an Ingress with TLS, or a LoadBalancer with source ranges.',
  judge(resource) {
    const { spec } = resource.body as Service;
    const name = nameResource(resource);
    if (spec?.type !== 'NodePort') return { status: 'pass', reason: `${name} opens no port of nodes by its type` };
    return { status: 'fail', reason: `${name} opens a port of every node`, evidence: { ports: portsOf(spec) } };
  },
  examples: [
    {
      shows: 'a NodePort',
      given: objectOf('kubernetes.Service', 'ui', { spec: { type: 'NodePort', ports: [{ port: 80 }] } }, 'lake'),
      status: 'fail',
    },
    {
      shows: 'a ClusterIP',
      given: objectOf('kubernetes.Service', 'ui', { spec: { type: 'ClusterIP' } }, 'lake'),
      status: 'pass',
    },
  ],
});
