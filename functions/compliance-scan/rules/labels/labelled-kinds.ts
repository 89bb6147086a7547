/** Kinds whose resources are asked for labels: those that cost money or hold data, whatever system they live in. */
export const labelledKinds: readonly string[] = [
  'aws.Bucket',
  'aws.Instance',
  'aws.LoadBalancer',
  'aws.SecurityGroup',
  'aws.Volume',
  'azure.NetworkSecurityGroup',
  'kafka.Topic',
  'kubernetes.CronJob',
  'kubernetes.DaemonSet',
  'kubernetes.Deployment',
  'kubernetes.Namespace',
  'kubernetes.PersistentVolumeClaim',
  'kubernetes.Service',
  'kubernetes.StatefulSet',
  'openstack.SecurityGroup',
];

/** Systems that keep labels of all such kinds: without labels, they could not be read. Others have labels where settings give them. */
export const labellingSystems: readonly string[] = ['aws', 'azure', 'kubernetes', 'openstack'];
