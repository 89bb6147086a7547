import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

/** No persistent volume is a plain folder of whichever node a pod lands on. */
export const noNodeVolumes = defineRule<KubernetesObject>({
  id: 'kubernetes-no-node-volumes',
  version: 1,
  title: 'No persistent volume is a folder of a node',
  why: 'The data are on one node and go with it; a pod that comes up elsewhere finds an empty folder, and every claim is a way around the ban of hostPath.',
  area: 'durability',
  severity: 'medium',
  kinds: ['kubernetes.PersistentVolume'],
  remedy: 'Use a storage class with real disks, or local volumes with node affinity.',
  judge(resource) {
    const { spec } = resource.body as { readonly spec?: { readonly hostPath?: { readonly path?: string } } };
    const name = nameResource(resource);
    if (!spec?.hostPath) return { status: 'pass', reason: `${name} is no folder of a node` };
    return {
      status: 'fail',
      reason: `${name} is folder ${spec.hostPath.path ?? ''} of whichever node`,
      evidence: { path: spec.hostPath.path ?? '' },
    };
  },
  examples: [
    {
      shows: 'a folder',
      given: objectOf('kubernetes.PersistentVolume', 'pv', { spec: { hostPath: { path: '/data' } } }),
      status: 'fail',
    },
    {
      shows: 'a disk',
      given: objectOf('kubernetes.PersistentVolume', 'pv', { spec: { csi: { driver: 'ebs.csi.aws.com' } } }),
      status: 'pass',
    },
  ],
});
