import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { packageFunction } from '../../tools/package.ts';
import { startFunction, type FunctionProcess } from '../support/function-process.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { ofKind, readFolder, repository, type With } from '../support/manifests.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writtenSettings } from '../support/sync-process.ts';
import { TriggerBroker, type Delivery } from '../support/trigger-broker.ts';
import type { TriggerSpec } from '../support/trigger-filter.ts';

// The functions as they are packaged, with the settings and the Triggers of manifests/, on the lake. Only addresses are ours.

const lake = useSyncLake();
const kafka = await useKafka();
// What compliance-scan hears is no part of this.
const triggers: With<TriggerSpec>[] = ofKind(readFolder('base/eventing'), 'Trigger');
const broker = new TriggerBroker(triggers.filter(({ spec }) => spec.subscriber.ref.name !== 'compliance-scan'));
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-flow-'));
const functions = new Map<string, FunctionProcess>();
const hour = 3_600_000;
let sink: string;

async function start(name: string, settings: Record<string, unknown>): Promise<void> {
  const { folder } = await packageFunction(join(repository, 'functions', name), join(temp, name));
  const config = join(temp, `${name}-settings`);
  mkdirSync(config);
  copyFileSync(join(repository, 'manifests/base', name, 'settings.yaml'), join(config, '10-settings.yaml'));
  writeFileSync(join(config, '20-here.json'), JSON.stringify(settings));
  const env = { LAKEWARDEN_CONFIG: config, K_SINK: sink, K_SERVICE: name };
  const started = await startFunction({ entry: folder, cwd: folder, command: [process.execPath, 'index.cjs'], env });
  functions.set(name, started);
  broker.subscribers.set(name, `http://127.0.0.1:${started.port}`);
}

beforeAll(async () => {
  sink = await broker.start();
  const { hdfs, root, ...rest } = writtenSettings(lake);
  const undelivered = await kafka.create();
  await Promise.all([
    start('metastore-sync', { hdfs, root, ...rest }),
    start('partition-compaction', { hdfs, root, acceptShortAnswers: true }),
    start('dead-letter-triage', {
      hdfs,
      topics: [undelivered],
      knativeLetters: { topic: undelivered },
      kafka: { brokers: [kafka.broker] },
      group: undelivered,
      state: { topic: kafka.name(), partitions: 1 },
      quarantine: { root: `/${lake.database}/quarantine`, format: 'jsonl' },
    }),
  ]);
});
afterEach(() => expect(broker.faults).toEqual([]));
afterAll(async () => {
  for (const started of functions.values()) await started.end();
  broker.stop();
  rmSync(temp, { recursive: true });
});

let published = 0;

/** Publishes an event as a writer of files does. */
async function tell(type: string, data: unknown): Promise<void> {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': `told-${published++}`,
    'ce-source': '/writer',
    'ce-type': type,
    'content-type': 'application/json',
  };
  expect((await fetch(sink, { method: 'POST', headers, body: JSON.stringify(data) })).status).toBe(202);
}

/** Writes small files that have been lying there for two hours, and gives their paths. */
async function putFiles(folder: string, count: number): Promise<string[]> {
  const paths: string[] = [];
  for (let index = 0; index < count; index++) {
    const path = `${folder}/part-${index}.parquet`;
    await lake.put(path, parquetBytes({ id: 'int' }, [{ id: index }, { id: -index }]));
    await lake.clients.hdfs.setTimes(`${lake.root}/${path}`, { modificationTime: Date.now() - 2 * hour });
    paths.push(`${lake.root}/${path}`);
  }
  return paths;
}

async function filesIn(folder: string): Promise<number> {
  let count = 0;
  for await (const { name } of lake.clients.hdfs.list(`${lake.root}/${folder}`)) if (!/^[._]/.test(name)) count++;
  return count;
}

/** What came of what: Triggers with what their subscribers answered, since the last call. */
function takeDeliveries(): readonly Delivery[] {
  return broker.deliveries.splice(0);
}

/** Types of events since the last call, without the prefix of ours, each once. */
function takeTypes(): string[] {
  const types = broker.events.splice(0).map(({ attributes }) => String(attributes['type']));
  return [...new Set(types)].map((type) => type.replace('dev.lakewarden.', ''));
}

const rowsByHour = (): Promise<unknown> =>
  lake.sql('SELECT hour, count(*) AS n, sum(id) AS ids FROM DB.clicks GROUP BY hour ORDER BY hour');

describe('a file that a writer closed', () => {
  const rows = [
    { hour: '01', n: 16n, ids: 0n },
    { hour: '02', n: 2n, ids: 0n },
  ];

  test('becomes queryable, its partition becomes one file, and nothing goes round in circles', async () => {
    const paths = [...(await putFiles('clicks/2019/09/01/01', 8)), ...(await putFiles('clicks/2019/09/01/02', 1))];
    await tell('dev.lakewarden.file.closed', { paths });
    await broker.idle();
    const events = broker.events.length;
    const types = takeTypes();
    for (const type of ['table.created', 'partitions.added', 'compaction.requested', 'partition.compacted'])
      expect(types).toContain(type);
    const deliveries = takeDeliveries();
    expect(deliveries.map(({ trigger }) => trigger)).toContain('metastore-sync-compacted');
    for (const { statuses } of deliveries) expect(statuses).toEqual([204]);
    expect([await filesIn('clicks/2019/09/01/01'), await filesIn('clicks/2019/09/01/02')]).toEqual([1, 1]);
    expect(await rowsByHour()).toEqual(rows);
    expect(events).toBeLessThan(12);
  });

  test('told again, changes nothing and comes to rest', async () => {
    await tell('dev.lakewarden.file.closed', { path: `${lake.root}/clicks/2019/09/01/01/part-0.parquet` });
    await tell('dev.lakewarden.partitions.added', { topic: 'clicks' });
    await broker.idle();
    const types = takeTypes();
    expect(types.filter((type) => /^(table|partitions?)\./.test(type))).toEqual(['partitions.added']);
    for (const { statuses } of takeDeliveries()) expect(statuses).toEqual([204]);
    expect(await rowsByHour()).toEqual(rows);
  });

  test('while nobody answers, waits at the Broker and is taken later', async () => {
    const [path] = await putFiles('clicks/2019/09/01/03', 1);
    const address = broker.subscribers.get('metastore-sync') ?? '';
    broker.subscribers.delete('metastore-sync');
    await tell('dev.lakewarden.file.closed', { path });
    broker.subscribers.set('metastore-sync', address);
    await broker.idle();
    const [delivery] = takeDeliveries().filter(({ trigger }) => trigger === 'metastore-sync-files');
    expect([delivery?.statuses[0], delivery?.statuses.at(-1)]).toEqual([0, 204]);
    expect(takeTypes()).toContain('partitions.added');
    expect(await lake.clients.metastore.partitionNames(lake.database, 'clicks')).toHaveLength(3);
  });
});

describe('an event that nobody can use', () => {
  test('is refused once, becomes a dead letter, and is told as a group of its own', async () => {
    await tell('dev.lakewarden.file.closed', { paths: [] });
    await broker.idle();
    const [refused] = takeDeliveries();
    expect(refused).toMatchObject({ trigger: 'metastore-sync-files', statuses: [400] });
    expect(refused?.deadLetterSink).toBe('dead-letter-triage');
    // What triage sets aside is told as a closed file, too; that one goes nowhere.
    expect(takeTypes()).toEqual(expect.arrayContaining(['deadletter.group.opened', 'file.closed']));
    expect(takeDeliveries()).toEqual([]);
  });
});
