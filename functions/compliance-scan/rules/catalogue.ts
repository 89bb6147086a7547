import type { Rule } from '../model/rule.ts';
import { awsRules } from './aws/aws-rules.ts';
import { hdfsRules } from './hdfs/hdfs-rules.ts';
import { hiveRules } from './hive/hive-rules.ts';
import { kafkaRules } from './kafka/kafka-rules.ts';
import { kubernetesRules } from './kubernetes/kubernetes-rules.ts';
import { labelRules } from './labels/label-rules.ts';
import { networkRules } from './network/network-rules.ts';
import { lakeRules } from './lake/lake-rules.ts';
import { waiverRules } from './waivers/waiver-rules.ts';

/** All built-in rules. */
export const catalogue: readonly Rule[] = [
  ...kubernetesRules,
  ...networkRules,
  ...awsRules,
  ...kafkaRules,
  ...hdfsRules,
  ...hiveRules,
  ...lakeRules,
  ...labelRules,
  ...waiverRules,
];
