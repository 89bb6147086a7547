import type { KafkaBrokerBody, KafkaListener } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import type { Judgement } from '../../model/verdict.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { brokerWith, kinds } from './encrypted-listeners.ts';

function judgeListener(broker: string, listener: KafkaListener): Judgement {
  const { name, protocol, loopback, clientCertificates: certificates } = listener;
  const part = name;
  if (loopback) return pass(`${name} of ${broker} can be reached on its own machine only`, { part });
  if (protocol === 'unknown')
    return unknown(`${name} of ${broker} has a protocol that is none of Kafka's four`, { part });
  if (protocol.startsWith('SASL')) return pass(`${name} of ${broker} wants ${protocol}`, { part });
  if (protocol === 'SSL' && certificates === 'required')
    return pass(`${name} of ${broker} wants a certificate of each client`, { part });
  const evidence = { listener: name, protocol, 'ssl.client.auth': certificates };
  return fail(`${name} of ${broker} lets clients in that do not say who they are`, evidence, { part });
}

/** Clients say who they are. */
export const clientsNamed = defineRule<KafkaBrokerBody>({
  id: 'kafka-clients-authenticated',
  version: 1,
  title: 'Clients and brokers say who they are',
  why: 'Access rules are rules for names. On a listener without SASL, and without a certificate that is required, every client is ANONYMOUS; ssl.client.auth=requested lets in those that show none.',
  area: 'identity',
  severity: 'high',
  kinds,
  remedy: 'Set ssl.client.auth=required for listeners with SSL, or map the listener to SASL_SSL.',
  triggers: ['kafka/config'],
  judge: ({ name, body: { listeners } }) => listeners.map((listener) => judgeListener(name, listener)),
  examples: [
    { shows: 'SASL', given: brokerWith({ protocol: 'SASL_SSL' }), status: 'pass' },
    { shows: 'certificates', given: brokerWith({ protocol: 'SSL', clientCertificates: 'required' }), status: 'pass' },
    { shows: 'TLS alone', given: brokerWith({ protocol: 'SSL' }), status: 'fail' },
    { shows: 'a polite wish', given: brokerWith({ protocol: 'SSL', clientCertificates: 'requested' }), status: 'fail' },
    { shows: 'nothing', given: brokerWith({}), status: 'fail' },
  ],
});
