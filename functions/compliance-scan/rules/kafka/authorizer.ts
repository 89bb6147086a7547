import { kafkaKinds, type KafkaBrokerBody, type KafkaClusterBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

/** Brokers check access at all. */
export const authorizer = defineRule<KafkaClusterBody | KafkaBrokerBody>({
  id: 'kafka-authorizer-on',
  version: 1,
  title: 'Brokers check who may do what',
  why: 'Without an authorizer everybody who reaches a broker may read, write and delete every topic, whatever rules somebody thinks there are.',
  area: 'identity',
  severity: 'critical',
  kinds: [kafkaKinds.cluster, kafkaKinds.broker],
  remedy:
    'Set authorizer.class.name to org.apache.kafka.metadata.authorizer.StandardAuthorizer on every broker and controller, and restart them one by one.',
  triggers: ['kafka/config'],
  judge({ name, body: { authorizer: has } }) {
    if (has === undefined) return unknown(`${name} does not tell us whether it checks access`);
    return has === false || has === ''
      ? fail(`${name} has no authorizer: everybody may do everything`, { 'authorizer.class.name': '' })
      : pass(`${name} has an authorizer`);
  },
  examples: [
    { shows: 'brokers that check', given: { body: { brokers: [1], authorizer: true } }, status: 'pass' },
    { shows: 'brokers that do not', given: { body: { brokers: [1], authorizer: false } }, status: 'fail' },
    { shows: 'one broker without', given: { kind: kafkaKinds.broker, body: { authorizer: '' } }, status: 'fail' },
    { shows: 'brokers that do not say', given: { body: { brokers: [1] } }, status: 'unknown' },
  ],
});
