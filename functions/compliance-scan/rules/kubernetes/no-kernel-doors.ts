import { deploymentOf } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';
import type { SecurityContext } from './pod.ts';

/** Settings of the kernel that touch the pod alone: concepts, security, Pod Security Standards, baseline. */
const safe = new Set(
  [
    'kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem',
  ].flatMap((names) => names.split(' ')),
);

/** No pod opens the smaller doors to its node. */
export const noKernelDoors = definePodRule({
  id: 'kubernetes-no-kernel-doors',
  title: "No pod turns off the walls between it and its node's kernel",
  why: 'An unmasked /proc, settings of the kernel for all, no AppArmor, or a process of the host undo what keeps a container in.',
  severity: 'high',
  remedy: 'Remove procMount, sysctls, appArmorProfile Unconfined and hostProcess from the securityContext.',
  fine: 'no wall to the kernel is turned off',
  pod: ({ spec }) => {
    const unsafe = (spec.securityContext?.sysctls ?? []).map(({ name = '' }) => name).filter((name) => !safe.has(name));
    return [
      ...unsafe.map((name) => `it sets ${name} of the kernel`),
      ...doorsOf(spec.securityContext).map((door) => `it ${door}`),
    ];
  },
  container({ name, role, securityContext }) {
    const [door] = doorsOf(securityContext);
    return door === undefined ? undefined : `${role} ${name} ${door}`;
  },
  examples: [
    { shows: 'nothing said', given: deploymentOf({}), status: 'pass' },
    { shows: 'an unmasked /proc', given: deploymentOf({ securityContext: { procMount: 'Unmasked' } }), status: 'fail' },
    {
      shows: 'a setting of the kernel for all',
      given: deploymentOf({}, { securityContext: { sysctls: [{ name: 'kernel.msgmax' }] } }),
      status: 'fail',
    },
    {
      shows: 'a setting of the pod alone',
      given: deploymentOf({}, { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies' }] } }),
      status: 'pass',
    },
    {
      shows: 'no AppArmor',
      given: deploymentOf({}, { securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
      status: 'fail',
    },
  ],
});

function doorsOf(context: SecurityContext | undefined): string[] {
  return [
    ...(context?.procMount === 'Unmasked' ? ['has an unmasked /proc'] : []),
    ...(context?.appArmorProfile?.type === 'Unconfined' ? ['runs without AppArmor'] : []),
    ...(context?.windowsOptions?.hostProcess === true ? ['is a process of the host'] : []),
  ];
}
