import { kafkaKinds, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const setting = 'unclean.leader.election.enable';
const given = (value?: string) => ({ body: value === undefined ? {} : { settings: { [setting]: value } } });

/** No record that was acknowledged is thrown away. */
export const uncleanElection = defineRule<KafkaTopicBody>({
  id: 'kafka-no-unclean-election',
  version: 1,
  title: 'No replica that lags behind becomes the leader',
  why: 'When it does, records that were acknowledged are gone, and consumers are not told.',
  area: 'durability',
  severity: 'medium',
  kinds: [kafkaKinds.topic],
  remedy: `Set ${setting} to false for the topic, or delete the setting when it is false for the cluster.`,
  triggers: ['kafka/config'],
  judge({ name, body: { settings } }) {
    const value = settings?.[setting];
    if (value === undefined) return unknown(`${setting} of ${name} could not be read`);
    return value === 'true'
      ? fail(`${name} may lose records that were acknowledged`, { [setting]: true })
      : pass(`only replicas with all records may lead ${name}`);
  },
  examples: [
    { shows: 'off', given: given('false'), status: 'pass' },
    { shows: 'on', given: given('true'), status: 'fail' },
    { shows: 'not told', given: given(), status: 'unknown' },
  ],
});
