import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

interface StorageClass extends KubernetesObject {
  readonly provisioner?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Provisioners that encrypt when a parameter says so. */
const onRequest = ['ebs.csi.aws.com', 'kubernetes.io/aws-ebs', 'driver.longhorn.io', 'disk.csi.alibabacloud.com'];
/** Those whose cloud encrypts all of its disks. */
const always = [
  'pd.csi.storage.gke.io',
  'kubernetes.io/gce-pd',
  'disk.csi.azure.com',
  'kubernetes.io/azure-disk',
  'file.csi.azure.com',
  'blockvolume.csi.oraclecloud.com',
];

/** Disks that are made for claims are encrypted at rest. */
export const storageEncrypted = defineRule<KubernetesObject>({
  id: 'kubernetes-storage-encrypted',
  version: 1,
  title: 'Storage classes make encrypted disks',
  why: 'Kafka, HDFS and the metastore keep the whole lake on these disks; a copy or a snapshot of one is readable without any password.',
  area: 'encryption',
  severity: 'medium',
  kinds: ['kubernetes.StorageClass'],
  remedy: 'Make a class with the parameter encrypted: "true", and move the claims to it; classes cannot be changed.',
  judge(resource) {
    const { provisioner = '', parameters } = resource.body as StorageClass;
    const name = nameResource(resource);
    const said = Object.entries(parameters ?? {}).find(([key]) => key.toLowerCase() === 'encrypted')?.[1];
    if (said?.toLowerCase() === 'true') return { status: 'pass', reason: `${name} makes encrypted disks` };
    if (always.includes(provisioner))
      return { status: 'pass', reason: `${name} makes disks of a cloud that encrypts all` };
    const evidence = { provisioner };
    if (said !== undefined || onRequest.includes(provisioner) || /(?:^|\.)rbd\.csi\.ceph\.com$/.test(provisioner))
      return {
        status: 'fail',
        reason: `${name} makes disks that are not encrypted, unless its cloud does so for all`,
        evidence,
      };
    return {
      status: 'unknown',
      reason: `${name}: nobody here knows whether ${provisioner === '' ? 'its provisioner' : provisioner} encrypts`,
      evidence,
    };
  },
  examples: [
    { shows: 'EBS with encryption', given: classOf('ebs.csi.aws.com', { encrypted: 'true' }), status: 'pass' },
    { shows: 'EBS', given: classOf('ebs.csi.aws.com'), status: 'fail' },
    { shows: 'a folder of the node', given: classOf('rancher.io/local-path'), status: 'unknown' },
  ],
});

function classOf(provisioner: string, parameters: Record<string, string> = {}) {
  return objectOf('kubernetes.StorageClass', 'fast', { provisioner, parameters });
}
