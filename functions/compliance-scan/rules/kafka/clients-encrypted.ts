import type { KafkaBrokerBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { brokerWith, judgeEncryption, kinds } from './encrypted-listeners.ts';

/** What clients send and get is encrypted on the way. */
export const clientsEncrypted = defineRule<KafkaBrokerBody>({
  id: 'kafka-clients-encrypted',
  version: 1,
  title: 'Clients speak TLS with brokers',
  why: 'On a listener without TLS whoever is on the way reads and changes records; with SASL_PLAINTEXT of mechanism PLAIN he reads passwords, too. What counts is the protocol that the name is mapped to, not the name.',
  area: 'encryption',
  severity: 'high',
  kinds,
  controls: { 'pci-4.0': ['4.2.1'] },
  remedy:
    'Map the listener to SSL or SASL_SSL in listener.security.protocol.map, after clients were given the new address.',
  triggers: ['kafka/config'],
  judge: ({ name, body: { listeners } }) =>
    listeners
      .filter(({ advertised, betweenBrokers, ofController }) => advertised && !betweenBrokers && !ofController)
      .map((listener) => judgeEncryption(name, listener, 'records of clients')),
  examples: [
    { shows: 'TLS', given: brokerWith({ protocol: 'SASL_SSL' }), status: 'pass' },
    { shows: 'the own machine', given: brokerWith({ host: '127.0.0.1', loopback: true }), status: 'pass' },
    { shows: 'plain text', given: brokerWith({}), status: 'fail' },
    {
      shows: 'a name that promises more',
      given: brokerWith({ name: 'SECURE', protocol: 'SASL_PLAINTEXT' }),
      status: 'fail',
    },
    { shows: 'something new', given: brokerWith({ protocol: 'unknown' }), status: 'unknown' },
  ],
});
