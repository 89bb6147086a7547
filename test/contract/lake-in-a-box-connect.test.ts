import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startLake } from '#lake-in-a-box/lake.ts';

test('Kafka and Connect carry lines from a file through a topic to a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-connect-'));
  chmodSync(folder, 0o755);
  const lake = await startLake({ folder, parts: ['connect'], temporary: true });
  try {
    expect(Object.keys(lake.addresses)).toEqual([
      'folder',
      'kafka',
      'kafkaSecure',
      'kafkaMutual',
      'kafkaCa',
      'kafkaPassword',
      'kafkaStore',
      'connect',
    ]);
    const ask = async (path: string, body?: object): Promise<unknown> => {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
      const response = await fetch(`${lake.addresses.connect}${path}`, body && init);
      expect([path, response.ok]).toEqual([path, true]);
      return await response.json();
    };
    expect(await ask('/connector-plugins')).toContainEqual(
      expect.objectContaining({ class: 'org.apache.kafka.connect.file.FileStreamSinkConnector' }),
    );

    const [from, to] = [join(folder, 'from.txt'), join(folder, 'to.txt')];
    const lines = 'one\ntwo\nthree\n';
    writeFileSync(from, lines);
    const plain = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' };
    await ask('/connectors', {
      name: 'source',
      config: { ...plain, 'connector.class': 'FileStreamSource', file: from, topic: 'raw' },
    });
    await ask('/connectors', {
      name: 'sink',
      config: { ...plain, 'connector.class': 'FileStreamSink', file: to, topics: 'raw' },
    });
    for (let tries = 0; tries < 600 && !(existsSync(to) && readFileSync(to, 'utf8') === lines); tries++) {
      await sleep(100);
    }
    expect(readFileSync(to, 'utf8')).toBe(lines);
  } finally {
    await lake.stop();
  }
  expect(existsSync(folder)).toBe(false);
});
