import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, expect, test } from '@jest/globals';
import { Kafka } from '#shared/kafka/kafka.ts';

const sockets: Socket[] = [];
const server = createServer((socket) => void sockets.push(socket.on('error', () => {}).resume()));
afterAll(() => void server.close());

test('a broker that takes connections and never answers is unavailable in time, and is left alone for a while', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], deadlineMs: 300 });
  const ask = (): Promise<unknown> => kafka.ask((log) => log.bounds('clicks'));
  const trouble = { code: 'kafka.unavailable', message: expect.stringContaining('took longer than 300 ms') };
  await expect(ask()).rejects.toMatchObject(trouble);
  expect(sockets.length).toBeGreaterThan(0);
  const { calls } = kafka;
  const connections = sockets.length;
  await expect(ask()).rejects.toMatchObject(trouble);
  expect([kafka.calls, sockets.length]).toEqual([calls, connections]);
});
