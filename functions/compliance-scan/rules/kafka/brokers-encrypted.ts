import type { KafkaBrokerBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { brokerWith, judgeEncryption, kinds } from './encrypted-listeners.ts';

/** What brokers copy among each other is encrypted on the way. */
export const brokersEncrypted = defineRule<KafkaBrokerBody>({
  id: 'kafka-brokers-encrypted',
  version: 1,
  title: 'Brokers and controllers speak TLS with each other',
  why: 'Every record travels once more to each replica. TLS for clients protects nothing when the copy goes in plain text.',
  area: 'encryption',
  severity: 'high',
  kinds,
  controls: { 'pci-4.0': ['4.2.1'] },
  remedy:
    'Map the listeners of inter.broker.listener.name and controller.listener.names to SSL or SASL_SSL, one broker after the other.',
  triggers: ['kafka/config'],
  judge: ({ name, body: { listeners } }) =>
    listeners
      .filter(({ betweenBrokers, ofController }) => betweenBrokers || ofController)
      .map((listener) =>
        judgeEncryption(name, listener, listener.ofController ? 'words to controllers' : 'copies of records'),
      ),
  examples: [
    { shows: 'TLS', given: brokerWith({ betweenBrokers: true, protocol: 'SSL' }), status: 'pass' },
    {
      shows: 'INTERNAL mapped to plain text',
      given: brokerWith({ name: 'INTERNAL', betweenBrokers: true }),
      status: 'fail',
    },
    {
      shows: 'a controller in plain text',
      given: brokerWith({ name: 'CONTROLLER', ofController: true }),
      status: 'fail',
    },
  ],
});
