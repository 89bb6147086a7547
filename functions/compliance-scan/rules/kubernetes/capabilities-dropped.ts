import { deploymentOf } from './pod-examples.ts';
import { definePodRule, type Flaw } from './pod-rule.ts';
import type { PodContainer } from './pod.ts';

/** With one of these a container is as good as privileged. */
const dangerous = new Set([
  'ALL',
  'SYS_ADMIN',
  'SYS_PTRACE',
  'SYS_MODULE',
  'SYS_RAWIO',
  'DAC_READ_SEARCH',
  'DAC_OVERRIDE',
  'NET_ADMIN',
  'BPF',
  'SYS_BOOT',
  'SYS_TIME',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'SYSLOG',
  'PERFMON',
]);

/** Containers keep none of root's powers but binding low ports: Pod Security Standards, restricted. */
export const capabilitiesDropped = definePodRule({
  id: 'kubernetes-capabilities-dropped',
  title: 'Containers give up all capabilities but NET_BIND_SERVICE',
  why: "Capabilities are pieces of root's power. Programs of a data lake need none, and each that stays helps an attacker out of the container.",
  severity: 'low',
  controls: { 'cis-kubernetes-1.11': ['5.2.8', '5.2.9', '5.2.10'] },
  remedy: 'Set securityContext.capabilities.drop to [ALL], and add only what the program fails without.',
  fine: 'all capabilities are dropped',
  repairs: { 'securityContext.capabilities': { drop: ['ALL'] } },
  container: (container, { spec }) => (spec.os?.name === 'windows' ? undefined : judgeCapabilities(container)),
  examples: [
    {
      shows: 'all dropped',
      given: deploymentOf({ securityContext: { capabilities: { drop: ['ALL'] } } }),
      status: 'pass',
    },
    { shows: 'nothing said', given: deploymentOf({}), status: 'fail' },
    {
      shows: 'all dropped and the worst added',
      given: deploymentOf({ securityContext: { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } }),
      status: 'fail',
    },
  ],
});

function judgeCapabilities({ name, role, securityContext }: PodContainer): Flaw | undefined {
  const { add, drop } = securityContext?.capabilities ?? {};
  const plain = (list: readonly string[] | undefined) =>
    (list ?? []).map((text) => text.toUpperCase().replace(/^CAP_/, ''));
  const added = plain(add).filter((capability) => capability !== 'NET_BIND_SERVICE');
  const strong = added.filter((capability) => dangerous.has(capability));
  if (strong.length > 0) return { says: `${role} ${name} is given ${strong.join(', ')}`, severity: 'high' };
  if (added.length > 0) return { says: `${role} ${name} is given ${added.join(', ')}`, severity: 'medium' };
  return plain(drop).includes('ALL') ? undefined : { says: `${role} ${name} keeps the usual capabilities` };
}
