import { deploymentOf } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';

/** No program in a container can become more than it was started as: Pod Security Standards, restricted. */
export const noPrivilegeEscalation = definePodRule({
  id: 'kubernetes-no-privilege-escalation',
  title: 'No program in a container can gain privileges',
  why: 'With it, a forgotten setuid program in the image makes root out of any user.',
  severity: 'low',
  controls: { 'cis-kubernetes-1.11': ['5.2.6'] },
  remedy: 'Set securityContext.allowPrivilegeEscalation to false for each container.',
  fine: 'no program can gain privileges',
  repairs: { 'securityContext.allowPrivilegeEscalation': false },
  container: ({ name, role, securityContext }, { spec }) =>
    spec.os?.name === 'windows' || securityContext?.allowPrivilegeEscalation === false
      ? undefined
      : `${role} ${name} lets programs gain privileges`,
  examples: [
    {
      shows: 'forbidden',
      given: deploymentOf({ securityContext: { allowPrivilegeEscalation: false } }),
      status: 'pass',
    },
    { shows: 'nothing said', given: deploymentOf({}), status: 'fail' },
  ],
});
