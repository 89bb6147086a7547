import { deploymentOf } from './pod-examples.ts';
import { definePodRule, type Flaw } from './pod-rule.ts';
import type { Pod, PodContainer } from './pod.ts';

/** Containers run as somebody other than root: Pod Security Standards, restricted. */
export const runAsNonRoot = definePodRule({
  id: 'kubernetes-run-as-non-root',
  title: 'Containers run as another user than root',
  why: 'Root in a container is root on the node as soon as one wall between them has a hole.',
  severity: 'medium',
  controls: { 'cis-kubernetes-1.11': ['5.2.7'] },
  remedy:
    'Set securityContext.runAsNonRoot to true and runAsUser to a number above 0, for the pod or for each container.',
  fine: 'no container can run as root',
  repairs: { 'securityContext.runAsNonRoot': undefined, 'securityContext.runAsUser': undefined },
  podRepairs: { 'securityContext.runAsNonRoot': true },
  container: (container, pod) => (pod.spec.os?.name === 'windows' ? undefined : judgeUser(container, pod)),
  examples: [
    { shows: 'said for the pod', given: deploymentOf({}, { securityContext: { runAsNonRoot: true } }), status: 'pass' },
    { shows: 'nothing said', given: deploymentOf({}), status: 'fail' },
    {
      shows: 'a container that takes back what the pod says',
      given: deploymentOf(
        { securityContext: { runAsUser: 0, runAsNonRoot: false } },
        { securityContext: { runAsNonRoot: true } },
      ),
      status: 'fail',
    },
  ],
});

function judgeUser({ name, role, securityContext: own }: PodContainer, { spec, addedOnly }: Pod): Flaw | undefined {
  const user = own?.runAsUser ?? spec.securityContext?.runAsUser;
  const nonRoot = own?.runAsNonRoot ?? spec.securityContext?.runAsNonRoot;
  if (user === 0) return { says: `${role} ${name} runs as root` };
  if (nonRoot === true || (user !== undefined && user > 0)) return undefined;
  // What the pod itself says is not looked at for what was added later.
  return addedOnly ? undefined : { says: `${role} ${name} runs as whoever its image says`, severity: 'low' };
}
