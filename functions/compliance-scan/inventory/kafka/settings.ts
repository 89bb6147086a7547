import { z } from 'zod';
import { kafkaSettings as connectionSettings } from '#shared/kafka/kafka-settings.ts';
import { labelRegistry } from '../label-registry.ts';

/** The settings of a Kafka cluster whose resources are listed. */
export const kafkaSettings = z.strictObject({
  name: z
    .string()
    .min(1)
    .default('lake')
    .describe('what findings call the cluster; changing it makes all findings new'),
  connection: connectionSettings.describe(
    'how to reach it; Describe and DescribeConfigs on cluster and topics are enough',
  ),
  labels: labelRegistry,
  allowsEveryone: z.boolean().optional().describe('what allow.everyone.if.no.acl.found is, since brokers hide it'),
  superUsers: z.array(z.string()).optional().describe('who the super users are, since brokers hide them'),
});
