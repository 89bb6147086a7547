import { deploymentOf, podWith } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';

/** No container runs with all the powers of the node. */
export const noPrivilegedContainers = definePodRule({
  id: 'kubernetes-no-privileged-containers',
  title: 'No container is privileged',
  why: 'A privileged container is root on its node: whoever breaks into it reads the disks and tokens of every pod there.',
  severity: 'critical',
  controls: { 'cis-kubernetes-1.11': ['5.2.2'] },
  remedy: 'Remove privileged: true, and add only the capability that is needed.',
  fine: 'no container is privileged',
  repairs: { 'securityContext.privileged': undefined },
  container: ({ name, role, securityContext }) =>
    securityContext?.privileged === true ? `${role} ${name} is privileged` : undefined,
  examples: [
    { shows: 'nothing said', given: deploymentOf({}), status: 'pass' },
    { shows: 'a privileged container', given: deploymentOf({ securityContext: { privileged: true } }), status: 'fail' },
    {
      shows: 'a privileged init container',
      given: deploymentOf({}, { initContainers: [{ name: 'sysctl', securityContext: { privileged: true } }] }),
      status: 'fail',
    },
    {
      shows: 'somebody debugs a pod of a StatefulSet',
      given: podWith(
        { ephemeralContainers: [{ name: 'debugger', securityContext: { privileged: true } }] },
        { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'trino', controller: true }] },
      ),
      status: 'fail',
    },
  ],
});
