import { kafkaKinds, type KafkaBrokerBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const setting = 'auto.create.topics.enable';
const given = (value?: string) => ({ body: { settings: value === undefined ? {} : { [setting]: value } } });

/** Topics are made on purpose. */
export const autoCreate = defineRule<KafkaBrokerBody>({
  id: 'kafka-no-auto-create',
  version: 1,
  title: 'No topic is made by a mistyped name',
  why: 'A client that mistypes a name gets a new topic with the defaults for replicas, retention and access, which nobody owns and nobody reads.',
  area: 'ownership',
  severity: 'medium',
  kinds: [kafkaKinds.broker],
  remedy: `Set ${setting}=false on every broker, and make topics by a reviewed change.`,
  triggers: ['kafka/config'],
  judge({ name, body: { settings } }) {
    const value = settings[setting];
    if (value === undefined) return unknown(`${name} does not tell ${setting}`);
    return value === 'false'
      ? pass(`${name} makes no topic that was not asked for`)
      : fail(`${name} makes each topic that a client names`, { [setting]: value });
  },
  examples: [
    { shows: 'off', given: given('false'), status: 'pass' },
    { shows: 'on', given: given('true'), status: 'fail' },
    { shows: 'not told', given: given(), status: 'unknown' },
  ],
});
