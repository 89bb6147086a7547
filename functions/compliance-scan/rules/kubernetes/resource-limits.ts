import { deploymentOf } from './pod-examples.ts';
import { definePodRule, type Flaw } from './pod-rule.ts';
import type { PodContainer } from './pod.ts';

/** No container can take all the memory of its node, and each says what it needs. */
export const resourceLimits = definePodRule({
  id: 'kubernetes-resource-limits',
  title: 'Containers say what they need and how much memory they may take',
  why: 'A query without a limit takes the memory of its whole node, and the kernel then ends pods of others.',
  severity: 'low',
  area: 'durability',
  remedy: 'Set resources.requests of cpu and memory, and resources.limits of memory.',
  fine: 'every container has requests and a limit of memory',
  container: (container) => (container.role === 'container' ? judgeResources(container) : undefined),
  examples: [
    {
      shows: 'requests and a limit',
      given: deploymentOf({ resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } } }),
      status: 'pass',
    },
    {
      shows: 'a limit of everything is a request too',
      given: deploymentOf({ resources: { limits: { cpu: 1, memory: '2Gi' } } }),
      status: 'pass',
    },
    { shows: 'nothing said', given: deploymentOf({}), status: 'fail' },
  ],
});

function judgeResources({ name, resources }: PodContainer): Flaw | undefined {
  const [limits, requests] = [resources?.limits ?? {}, resources?.requests ?? {}];
  const missing = [
    ...(limits['memory'] === undefined ? ['limit of memory'] : []),
    // A request left out is as large as the limit.
    ...['cpu', 'memory']
      .filter((each) => requests[each] === undefined && limits[each] === undefined)
      .map((each) => `request of ${each}`),
  ];
  return missing.length === 0 ? undefined : { says: `container ${name} has no ${missing.join(' and no ')}` };
}
