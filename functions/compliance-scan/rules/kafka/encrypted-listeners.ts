import { kafkaKinds, type KafkaBrokerBody, type KafkaListener } from '../../inventory/kafka/kinds.ts';
import type { Judgement } from '../../model/verdict.ts';
import { fail, pass, unknown } from '../judgement.ts';

/** The TLS of one listener, as a part of the broker. */
export function judgeEncryption(broker: string, listener: KafkaListener, users: string): Judgement {
  const { name, protocol, host, port, loopback } = listener;
  const part = name;
  if (loopback) return pass(`${name} of ${broker} can be reached on its own machine only`, { part });
  if (protocol === 'unknown')
    return unknown(`${name} of ${broker} has a protocol that is none of Kafka's four`, { part });
  if (protocol === 'SSL' || protocol === 'SASL_SSL')
    return pass(`${name} of ${broker} speaks ${protocol}, so ${users} are encrypted`, { part });
  const evidence = { listener: name, protocol, listensOn: `${host}:${port}` };
  return fail(`${name} of ${broker} speaks ${protocol}, so ${users} can be read on the way`, evidence, { part });
}

/** A broker with one listener, for examples. */
export function brokerWith(listener: Partial<KafkaListener>): { readonly body: Partial<KafkaBrokerBody> } {
  const plain: KafkaListener = {
    name: 'CLIENTS',
    protocol: 'PLAINTEXT',
    host: '0.0.0.0',
    port: 9092,
    loopback: false,
    advertised: true,
    betweenBrokers: false,
    ofController: false,
    clientCertificates: 'none',
    mechanisms: ['SCRAM-SHA-512'],
  };
  return { body: { listeners: [{ ...plain, ...listener }] } };
}

/** The kind of the resources that these rules judge. */
export const kinds = [kafkaKinds.broker];
