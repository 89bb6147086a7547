import { deploymentOf } from './pod-examples.ts';
import { definePodRule, type Flaw } from './pod-rule.ts';
import type { Pod, PodContainer } from './pod.ts';

/** Containers cannot ask everything of the kernel: Pod Security Standards, restricted. */
export const seccomp = definePodRule({
  id: 'kubernetes-seccomp',
  title: 'Containers run with a seccomp profile',
  why: 'Most holes in the kernel stand behind calls that no program of the lake makes; the profile of the runtime shuts them.',
  severity: 'low',
  controls: { 'cis-kubernetes-1.11': ['5.7.2'] },
  remedy: 'Set securityContext.seccompProfile.type of the pod to RuntimeDefault.',
  fine: 'every container has a seccomp profile',
  repairs: { 'securityContext.seccompProfile': undefined },
  podRepairs: { 'securityContext.seccompProfile.type': 'RuntimeDefault' },
  container: (container, pod) => (pod.spec.os?.name === 'windows' ? undefined : judgeProfile(container, pod)),
  examples: [
    {
      shows: "the runtime's profile",
      given: deploymentOf({}, { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
      status: 'pass',
    },
    { shows: 'nothing said', given: deploymentOf({}), status: 'fail' },
  ],
});

function judgeProfile({ name, role, securityContext }: PodContainer, { spec, addedOnly }: Pod): Flaw | undefined {
  const type = securityContext?.seccompProfile?.type ?? spec.securityContext?.seccompProfile?.type;
  if (type === 'RuntimeDefault' || type === 'Localhost') return undefined;
  if (type !== undefined) return { says: `${role} ${name} has seccomp profile ${type}`, severity: 'medium' };
  return addedOnly ? undefined : { says: `${role} ${name} has no seccomp profile` };
}
