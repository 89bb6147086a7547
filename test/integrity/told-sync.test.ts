import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Announce, syncEvent } from '#functions/metastore-sync/announce.ts';
import { intendedEvents } from '#functions/metastore-sync/outbox/intended-events.ts';
import { Outbox } from '#functions/metastore-sync/outbox/outbox.ts';
import { verifyEvent } from '#functions/metastore-sync/outbox/verify-event.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { writeHeaders } from '#shared/events/sink.ts';
import { createLog } from '#shared/observe/log.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { type FunctionProcess, startFunction } from '../support/function-process.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { ring, writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { clients, database, root } = lake;
const folder = `${root.replace('/golden', '')}/outbox`;
const receiver = new EventReceiver();
const entry = join(import.meta.dirname, '../../functions/metastore-sync/index.ts');
const closed = 'dev.lakewarden.file.closed';
const added = 'dev.lakewarden.partitions.added';
const file = parquetBytes({ id: 'int' }, [{ id: 1 }]);

let temp: string;
let sink: string;
const started: FunctionProcess[] = [];

beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-told-'));
  sink = await receiver.start();
});
afterEach(async () => {
  for (const process of started.splice(0)) await process.end();
  receiver.judge = () => 202;
  expect(receiver.faults).toEqual([]);
  receiver.take();
});
afterAll(() => {
  receiver.stop();
  rmSync(temp, { recursive: true });
});

/** metastore-sync in a process of its own, with an outbox. */
async function startSync(intentSeconds = 1_200, maxEvents = 1_000): Promise<FunctionProcess> {
  const name = `settings-${started.length}`;
  const LAKEWARDEN_CONFIG = writeSettings(
    temp,
    name,
    writtenSettings(lake, { outbox: { folder, intentSeconds, maxEvents } }),
  );
  const process = await startFunction({ entry, env: { LAKEWARDEN_CONFIG, K_SINK: sink, K_SERVICE: 'sync' } });
  started.push(process);
  return process;
}

function outbox(intentSeconds: number, bounds: { maxEvents?: number; maxMebibytes?: number } = {}): Outbox {
  const log = createLog({ function: 'test', level: 'silent' });
  const verify = (event: CloudEventOut) => verifyEvent(event, clients.metastore);
  const { maxEvents = 1_000, maxMebibytes = 1 } = bounds;
  return new Outbox({ hdfs: clients.hdfs, folder, intentSeconds, maxEvents, maxMebibytes, verify, log });
}

async function kept(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of clients.hdfs.list(folder)) names.push(name.replace(/^.*?\./, ''));
  return names;
}

function put(topic: string, hour: string): Promise<void> {
  return lake.put(`${topic}/2019/09/01/${hour}/a.parquet`, file);
}

/** Names of partitions that `partitions.added` told of. */
function toldOf(events: readonly { type: string; data?: unknown }[]): string[][] {
  return events
    .filter(({ type }) => type === added)
    .map(({ data }) =>
      (data as { partitions: { values: string[] }[] }).partitions.map(({ values }) => values.join('/')),
    );
}

const takeAll = () => receiver.take().map(({ event }) => event);

describe('what a process could not tell', () => {
  test('is told by another one, also when the first is killed', async () => {
    await put('away', '00');
    const event = { path: `${root}/away/2019/09/01/00/a.parquet` };
    receiver.judge = () => 503;
    const first = await startSync(1_200, 3);
    expect(await ring(first, closed, event)).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(await clients.metastore.partitionNames(database, 'away')).toHaveLength(1);
    expect(await kept()).toEqual(['untold.json', 'untold.json', 'untold.json']);
    // That is as much as may wait, so no new work is begun, and nothing more is written.
    await put('refused', '00');
    const refused = await ring(first, closed, { path: `${root}/refused/2019/09/01/00/a.parquet` });
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(refused.body).toContain('3 events of ');
    expect(await clients.metastore.table(database, 'refused')).toBeUndefined();
    expect(await kept()).toHaveLength(3);
    const { body } = await first.send({ method: 'GET', path: '/metrics/lakewarden' });
    expect(body).toMatch(/lakewarden_sync_waiting_events\{[^}]*\} 3\n/);
    expect(body).toMatch(/lakewarden_sync_oldest_waiting_seconds\{[^}]*\} [0-9.]*[1-9]/);
    first.signal('SIGKILL');
    await first.exited;
    receiver.judge = () => 202;
    // The source repeats it, and there is nothing left to do.
    const second = await startSync();
    const answer = await ring(second, closed, event);
    expect([answer.status, answer.headers['lakewarden-outcome']]).toEqual([200, 'nothing']);
    const events = takeAll();
    expect(events.map(({ type }) => type.replace('dev.lakewarden.', ''))).toEqual([
      'sync.completed',
      'table.created',
      'partitions.added',
      'sync.completed',
    ]);
    expect(toldOf(events)).toEqual([['2019/09/01/00']]);
    expect(await kept()).toEqual([]);
  });

  test('is told when it was killed between the effect and its event', async () => {
    await put('killed', '00');
    const event = { path: `${root}/killed/2019/09/01/00/a.parquet` };
    const reached = Promise.withResolvers<void>();
    receiver.judge = async (type) => {
      if (type !== added) return 202;
      reached.resolve();
      return new Promise<number>(() => {});
    };
    const first = await startSync();
    const answer = ring(first, closed, event).catch(() => 'killed');
    await reached.promise;
    first.signal('SIGKILL');
    expect(await answer).toBe('killed');
    expect(await kept()).toEqual(['intended.json']);
    receiver.judge = () => 202;
    receiver.take();
    // As if twenty minutes had gone by.
    const second = await startSync(0);
    expect(await ring(second, closed, event)).toMatchObject({ status: 200 });
    expect(toldOf(takeAll())).toEqual([['2019/09/01/00']]);
    expect(await kept()).toEqual([]);
  });
});

describe('what a killed run intended', () => {
  beforeEach(() => clients.hdfs.mkdirs(folder));

  async function intend(topic: string): Promise<readonly CloudEventOut[]> {
    const plan = (await lake.plan({ kind: 'full', topics: [topic] })).tables[0]!;
    const nowhere = new Announce(async () => {}, 'test', lake.settings.hdfs.defaultFs);
    const events = await intendedEvents(plan, nowhere, 500);
    await outbox(0).intend(events);
    return events;
  }

  async function tell(intentSeconds = 0): Promise<CloudEventOut[]> {
    const told: CloudEventOut[] = [];
    await outbox(intentSeconds).tell(async (event) => void told.push(event));
    return told;
  }

  test('is not told when it never came to it', async () => {
    await put('never', '00');
    expect((await intend('never')).map(({ type }) => type)).toEqual(['dev.lakewarden.table.created', added]);
    expect(await tell()).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  test('is told as far as it is true, and as it would have been told where it all is', async () => {
    await put('half', '00');
    await lake.apply({ kind: 'full', topics: ['half'] });
    for (const hour of ['01', '02', '03']) await put('half', hour);
    const intended = await intend('half');
    await lake.apply({ kind: 'paths', paths: [`${root}/half/2019/09/01/02/a.parquet`] });
    const half = await tell();
    expect(toldOf(half)).toEqual([['2019/09/01/02']]);
    expect(half[0]?.id).not.toBe(intended[0]?.id);
    await outbox(0).intend(intended);
    await lake.apply({ kind: 'full', topics: ['half'] });
    expect(await tell()).toEqual(JSON.parse(JSON.stringify(intended)));
  });

  test('waits as long as the run may live', async () => {
    await put('alive', '00');
    await intend('alive');
    await lake.apply({ kind: 'full', topics: ['alive'] });
    expect(await tell(600)).toEqual([]);
    expect((await tell()).length).toBe(2);
  });
});

test('files that are no events, or not whole, hold up no other', async () => {
  await clients.hdfs.create(`${folder}/000000000000001-a.untold.json`, new TextEncoder().encode('{"version":1,"eve'));
  await clients.hdfs.create(`${folder}/000000000000002-b.intended.json`, new Uint8Array([0xff, 0]));
  await clients.hdfs.create(`${folder}/notes.txt`, new TextEncoder().encode('by somebody else'));
  const event = {
    specversion: '1.0',
    id: '1',
    source: '/s',
    type: 'dev.lakewarden.x',
    time: '',
    datacontenttype: 'application/json',
    data: {},
  } as const;
  await outbox(600).keep(event);
  const told: CloudEventOut[] = [];
  const emit = async (one: CloudEventOut): Promise<void> => void told.push(one);
  await outbox(600).tell(emit);
  expect(told).toEqual([event]);
  expect(await kept()).toEqual(['untold.json', 'intended.json', 'txt']);
  await outbox(0).tell(emit);
  expect([told.length, await kept()]).toEqual([1, ['txt']]);
  await clients.hdfs.remove(`${folder}/notes.txt`);
});

test('events that nothing can be made of hold up no other', async () => {
  const write = (name: string, event: object): Promise<void> =>
    clients.hdfs.create(
      `${folder}/${name}.json`,
      new TextEncoder().encode(JSON.stringify({ version: 1, events: [event] })),
    );
  const event = { specversion: '1.0', id: '1', source: '/s', type: 'dev.lakewarden.x', subject: 'a.b', time: '' };
  await write('000000000000001-a.intended', { ...event, data: null });
  await write('000000000000002-b.intended', { ...event, subject: `${database}.events`, data: { partitions: [null] } });
  await write('000000000000003-c.untold', { ...event, extra: 5, data: {} });
  await write('000000000000004-d.untold', { ...event, id: '2', data: {} });
  const told: string[] = [];
  await outbox(0).tell(async (one) => {
    writeHeaders(one, {});
    told.push(one.id);
  });
  expect([told, await kept()]).toEqual([['2'], []]);
});

test('a file that another instance told and removed meanwhile fails nothing', async () => {
  const event = { specversion: '1.0', id: '1', source: '/s', type: 'dev.lakewarden.x', time: '', data: {} };
  const bytes = new TextEncoder().encode(JSON.stringify({ version: 1, events: [event] }));
  const [first, second] = ['1-a', '2-b'].map((name) => `${folder}/${name}.untold.json`) as [string, string];
  for (const path of [first, second]) await clients.hdfs.create(path, bytes);
  let told = 0;
  await outbox(600).tell(async () => {
    told += 1;
    await clients.hdfs.remove(second);
  });
  expect([told, await kept()]).toEqual([1, []]);
});

test('a full folder is noticed by a process that was just started, and has room again when the sink took one event', async () => {
  const away = () => Promise.reject(new LakewardenError('sink.unavailable', 'the event sink answered 503'));
  const event = (id: string): CloudEventOut => syncEvent('test', 'sync.completed', {}, [id]);
  for (const id of ['1', '2']) await outbox(600).keep(event(id));
  await expect(outbox(600, { maxEvents: 2 }).makeRoom(away)).rejects.toMatchObject({ message: /^2 events of / });
  await expect(outbox(600, { maxMebibytes: 0.0001 }).makeRoom(away)).rejects.toMatchObject({
    message: /^2 events of /,
  });
  await expect(outbox(600, { maxEvents: 2 }).intend([event('3')])).rejects.toMatchObject({ code: 'sink.unavailable' });
  let taken = 0;
  const box = outbox(600, { maxEvents: 2 });
  await box.makeRoom(async () => ((taken += 1) > 1 ? away() : undefined));
  expect([taken, box.waiting.events, (await kept()).length]).toEqual([2, 1, 1]);
  await outbox(600).tell(async () => {});
  expect(await kept()).toEqual([]);
});

test('a sink that stays away loses nothing and doubles nothing', async () => {
  const box = outbox(600);
  const away = () => Promise.reject(new LakewardenError('sink.unavailable', 'the event sink answered 503'));
  const events = [1, 2, 3].map(
    (number) =>
      ({
        specversion: '1.0',
        id: `${number}`,
        source: '/s',
        type: 'dev.lakewarden.x',
        time: '',
        datacontenttype: 'application/json',
        data: {},
      }) as const,
  );
  for (const event of events) await box.keep(event);
  await expect(box.tell(away)).rejects.toMatchObject({ code: 'sink.unavailable' });
  const told: string[] = [];
  // It takes one more, then it is away again.
  const shaky = async ({ id }: CloudEventOut): Promise<void> => {
    if (told.length === 1) await away();
    told.push(id);
  };
  await expect(outbox(600).tell(shaky)).rejects.toMatchObject({ code: 'sink.unavailable' });
  await outbox(600).tell(async ({ id }) => void told.push(id));
  expect([told, await kept()]).toEqual([['1', '2', '3'], []]);
});
