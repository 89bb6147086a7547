import { z } from 'zod';
import { awsSettings } from './aws/settings.ts';
import { azureSettings } from './azure/settings.ts';
import { gcpSettings } from './gcp/settings.ts';
import { hdfsSettings } from './hdfs/settings.ts';
import { hiveSettings } from './hive/settings.ts';
import { kafkaSettings } from './kafka/settings.ts';
import { kubernetesSettings } from './kubernetes/settings.ts';
import { manifestsSettings } from './manifests/settings.ts';
import { openstackSettings } from './openstack/settings.ts';
import type { Source } from './source.ts';

/** The settings of all systems; one that is left out is not looked at. */
export const sourcesSettings = z.strictObject({
  kubernetes: kubernetesSettings.optional(),
  manifests: manifestsSettings.optional(),
  aws: awsSettings.optional(),
  openstack: openstackSettings.optional(),
  azure: azureSettings.optional(),
  gcp: gcpSettings.optional(),
  kafka: kafkaSettings.optional(),
  hdfs: hdfsSettings.optional(),
  hive: hiveSettings.optional(),
});

/** Opens the systems that the settings name. What a system needs is loaded when it is named; nothing is connected yet. */
export async function openSources(settings: z.output<typeof sourcesSettings>): Promise<Source[]> {
  const { kubernetes, manifests, aws, openstack, azure, gcp, kafka, hdfs, hive } = settings;
  const opening: Promise<Source>[] = [];
  if (kubernetes !== undefined)
    opening.push(import('./kubernetes/open-kubernetes.ts').then((one) => one.openKubernetes(kubernetes)));
  if (manifests !== undefined)
    opening.push(import('./manifests/open-manifests.ts').then((one) => one.openManifests(manifests)));
  if (aws !== undefined) opening.push(import('./aws/open-aws.ts').then((one) => one.openAws(aws)));
  if (openstack !== undefined)
    opening.push(import('./openstack/open-openstack.ts').then((one) => one.openOpenstack(openstack)));
  if (azure !== undefined) opening.push(import('./azure/open-azure.ts').then((one) => one.openAzure(azure)));
  if (gcp !== undefined) opening.push(import('./gcp/open-gcp.ts').then((one) => one.openGcp(gcp)));
  if (kafka !== undefined) opening.push(import('./kafka/open-kafka.ts').then((one) => one.openKafka(kafka)));
  if (hdfs !== undefined) opening.push(import('./hdfs/open-hdfs.ts').then((one) => one.openHdfs(hdfs)));
  if (hive !== undefined) opening.push(import('./hive/open-hive.ts').then((one) => one.openHive(hive)));
  return await Promise.all(opening);
}
