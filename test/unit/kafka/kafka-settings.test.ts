import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { kafkaSettings, readKafkaOptions } from '#shared/kafka/kafka-settings.ts';

const brokers = ['kafka:9092'];
const password = { username: 'u', passwordFile: '/p' };

test.each([
  {},
  { tls: true, caFile: '/ca', certFile: '/cert', keyFile: '/key' },
  { mechanism: 'SCRAM-SHA-256', ...password },
  { mechanism: 'OAUTHBEARER', tokenFile: '/token', tls: true },
])('settings that fit together are taken: %j', (settings) => {
  expect(kafkaSettings.safeParse({ brokers, ...settings }).success).toBe(true);
});

test.each([
  { mechanism: 'PLAIN' },
  { mechanism: 'PLAIN', username: 'u' },
  { mechanism: 'PLAIN', ...password, tokenFile: '/token' },
  { mechanism: 'OAUTHBEARER' },
  { mechanism: 'OAUTHBEARER', tokenFile: '/token', ...password },
  { mechanism: 'GSSAPI', ...password },
  password,
  { tokenFile: '/token' },
  { tls: true, certFile: '/cert' },
  { tls: true, keyFile: '/key' },
  // Whoever names a CA believes that TLS is spoken.
  { caFile: '/ca' },
  { certFile: '/cert', keyFile: '/key' },
  { brokers: [] },
  { brokers: ['kafka'] },
])('settings that do not fit together are refused: %j', (settings) => {
  expect(kafkaSettings.safeParse({ brokers, ...settings }).success).toBe(false);
});

test('a broker is asked for by its name, by which gateways go, and not by an address', async () => {
  const hellos: Buffer[] = [];
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', (bytes: Buffer) => {
        hellos.push(bytes);
        socket.destroy();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sayHello = async (host: string): Promise<boolean> => {
    const settings = kafkaSettings.parse({ brokers: [`${host}:${port}`], tls: true, deadlineSeconds: 5 });
    const link = new KafkaLink(readKafkaOptions(settings));
    await expect(link.leader('clicks', 0)).rejects.toMatchObject({ code: 'kafka.unavailable' });
    await link.close();
    // A TLS handshake that begins.
    expect(hellos.at(-1)?.[0]).toBe(0x16);
    return hellos.splice(0).every((hello) => hello.includes(host));
  };
  expect(await sayHello('localhost')).toBe(true);
  expect(await sayHello('127.0.0.1')).toBe(false);
  server.close();
});
