import { describe, expect, test } from '@jest/globals';
import { isLoopback, readListeners } from '#functions/compliance-scan/inventory/kafka/listeners.ts';

const read = (settings: Readonly<Record<string, string>>) => readListeners(new Map(Object.entries(settings)));

describe('what holds for a listener is what its name is mapped to', () => {
  test('a listener called INTERNAL or SECURE may speak plain text', () => {
    const listeners = read({
      listeners: 'INTERNAL://0.0.0.0:9094,SECURE://broker-1:9093',
      'listener.security.protocol.map': 'internal:plaintext, SECURE:SASL_PLAINTEXT',
      'inter.broker.listener.name': 'INTERNAL',
    });
    expect(listeners).toMatchObject([
      { name: 'INTERNAL', protocol: 'PLAINTEXT', betweenBrokers: true, loopback: false, advertised: true },
      { name: 'SECURE', protocol: 'SASL_PLAINTEXT', betweenBrokers: false, port: 9093 },
    ]);
  });

  test('settings for one listener win over those for all', () => {
    const [mutual, open] = read({
      listeners: 'MUTUAL://h:1,OPEN://h:2',
      'listener.security.protocol.map': 'MUTUAL:SSL,OPEN:SSL',
      'ssl.client.auth': 'requested',
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.open.sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
    });
    expect(mutual).toMatchObject({ clientCertificates: 'required', mechanisms: ['GSSAPI'] });
    expect(open).toMatchObject({ clientCertificates: 'requested', mechanisms: ['PLAIN', 'SCRAM-SHA-512'] });
  });

  test('controllers are told from brokers, and are not advertised', () => {
    const settings = {
      listeners: 'SSL://:9092,CONTROLLER://[::1]:9093',
      'controller.listener.names': 'CONTROLLER',
      'security.inter.broker.protocol': 'SSL',
    };
    expect(read(settings)).toMatchObject([
      { name: 'SSL', protocol: 'SSL', host: '', advertised: true, betweenBrokers: true, ofController: false },
      { name: 'CONTROLLER', protocol: 'unknown', loopback: true, advertised: false, ofController: true },
    ]);
  });

  test('what is advertised elsewhere is still what it listens on', () => {
    const settings = { listeners: 'PLAINTEXT://0.0.0.0:9092', 'advertised.listeners': 'PLAINTEXT://localhost:9092' };
    expect(read(settings)).toMatchObject([{ loopback: false, advertised: true, betweenBrokers: true }]);
  });

  test('a broker that tells nothing has none', () => {
    expect(read({})).toEqual([]);
    expect(read({ listeners: 'nonsense,,://' })).toEqual([]);
  });
});

test.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '%s is the own machine',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);
test.each(['0.0.0.0', '', '::', '10.0.0.1', '127.0.0.1.example.org', 'localhost.example.org'])('%s is not', (host) => {
  expect(isLoopback(host)).toBe(false);
});
