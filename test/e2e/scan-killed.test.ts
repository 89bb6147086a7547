import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { eventHeaders, startFunction } from '../support/function-process.ts';
import { lake } from '../support/lake.ts';

const root = mkdtempSync(join(tmpdir(), 'lakewarden-scan-'));
const state = `/e2e/scan-${process.pid}`;
const receiver = new EventReceiver();
afterAll(async () => {
  rmSync(root, { recursive: true });
  receiver.stop();
  const hdfs = new WebHdfs({ addresses: [lake().webhdfs], user: 'root' });
  await hdfs.remove(state, { recursive: true });
  hdfs.close();
});

const rule = 'kubernetes-no-open-load-balancers';

function writeService(name: string, type: string): void {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type, ports: [{ port: 80 }] } };
  writeFileSync(join(root, 'manifests', `${name}.json`), JSON.stringify(service));
}

test('killed while it tells, again and again, the function tells each transition under one id, and then no more', async () => {
  mkdirSync(join(root, 'manifests'));
  for (let number = 0; number < 40; number += 1) writeService(`s${number}`, 'LoadBalancer');
  const settings = join(root, 'settings.json');
  const { webhdfs, defaultFs } = lake();
  const hdfs = { addresses: [webhdfs], defaultFs, user: 'root' };
  const sources = { manifests: { folder: join(root, 'manifests') } };
  writeFileSync(settings, JSON.stringify({ sources, hdfs, state: { folder: state } }));
  const env = { LAKEWARDEN_CONFIG: settings, K_SINK: await receiver.start() };
  const ids = new Map<string, Set<string>>();
  const take = (): number => {
    const events = receiver.take().filter(({ event }) => event.type.includes('.finding.'));
    for (const { event } of events) {
      const { resource } = event.data as { resource: { name: string } };
      const key = `${event.type.split('.').at(-1)} ${resource.name}`;
      ids.set(key, (ids.get(key) ?? new Set()).add(event.id));
    }
    return events.length;
  };

  /** Sends a ping; the process is killed at its n-th event. Answers the status, or undefined when it was killed. */
  const ping = async (killAt: number): Promise<number | undefined> => {
    const entry = join(import.meta.dirname, '../../functions/compliance-scan/index.ts');
    const started = await startFunction({ entry, env });
    let events = 0;
    receiver.judge = () => {
      events += 1;
      if (events >= killAt) started.signal('SIGKILL');
      return 202;
    };
    const headers = eventHeaders('dev.lakewarden.scan.requested', { 'content-type': 'application/json' });
    const sent = started.send({ headers, body: JSON.stringify({ rules: [rule] }) });
    const answer = await sent.catch(() => undefined);
    await started.end();
    return answer?.status;
  };

  for (const killAt of [1, 25]) expect(await ping(killAt)).toBeUndefined();
  expect(await ping(Infinity)).toBe(204);
  take();
  expect([...ids.keys()].filter((key) => key.startsWith('opened '))).toHaveLength(40);
  writeService('s7', 'ClusterIP');
  expect(await ping(1)).toBeUndefined();
  expect(await ping(Infinity)).toBe(204);
  take();
  expect(ids.size).toBe(41);
  expect([...ids.values()].map((own) => own.size)).toEqual(Array.from({ length: 41 }, () => 1));
  expect(ids.has('resolved s7')).toBe(true);
  await ping(Infinity);
  expect(take()).toBe(0);
  expect(receiver.faults).toEqual([]);
});
