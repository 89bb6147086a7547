import { deploymentOf } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';

/** No container takes a port of its node. */
export const noHostPorts = definePodRule({
  id: 'kubernetes-no-host-ports',
  title: 'No container takes a port of its node',
  why: 'A port of the node is open to everybody who reaches the node, whatever the Services and NetworkPolicies say.',
  severity: 'medium',
  area: 'network',
  controls: { 'cis-kubernetes-1.11': ['5.2.13'] },
  remedy: 'Remove hostPort and offer the port by a Service.',
  fine: 'no container takes a port of its node',
  container({ name, role, ports }) {
    const taken = (ports ?? []).map(({ hostPort }) => hostPort).filter((port) => port !== undefined && port !== 0);
    return taken.length === 0 ? undefined : `${role} ${name} takes port ${taken.join(', ')} of its node`;
  },
  examples: [
    { shows: 'a port of its own', given: deploymentOf({ ports: [{ containerPort: 8080 }] }), status: 'pass' },
    {
      shows: 'a port of the node',
      given: deploymentOf({ ports: [{ containerPort: 8080, hostPort: 8080 }] }),
      status: 'fail',
    },
  ],
});
