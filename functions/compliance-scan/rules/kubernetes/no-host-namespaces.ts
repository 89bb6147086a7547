import { deploymentOf } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';

/** No pod shares the network, processes or memory of its node. */
export const noHostNamespaces = definePodRule({
  id: 'kubernetes-no-host-namespaces',
  title: "No pod shares its node's network, processes or memory",
  why: "A pod in its node's network passes by every NetworkPolicy and reaches services of the node; one among its processes sees their secrets.",
  severity: 'high',
  controls: { 'cis-kubernetes-1.11': ['5.2.3', '5.2.4', '5.2.5'] },
  remedy: 'Remove hostNetwork, hostPID and hostIPC; offer ports by a Service.',
  fine: 'it shares nothing of its node',
  pod: ({ spec }) =>
    (['hostNetwork', 'hostPID', 'hostIPC'] as const)
      .filter((field) => spec[field] === true)
      .map((field) => `it has ${field}`),
  examples: [
    { shows: 'nothing shared', given: deploymentOf({}, { hostNetwork: false }), status: 'pass' },
    { shows: 'the network of the node', given: deploymentOf({}, { hostNetwork: true }), status: 'fail' },
    { shows: 'the processes of the node', given: deploymentOf({}, { hostPID: true }), status: 'fail' },
  ],
});
