import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFunction } from '../../tools/package.ts';
import { EventReceiver, type ReceivedEvent } from '../support/event-receiver.ts';
import { type FunctionProcess, findFreePort } from '../support/function-process.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { ring, startSync, writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { database, root } = lake;
const receiver = new EventReceiver();
const ping = 'dev.knative.sources.ping';
const closed = 'dev.lakewarden.file.closed';
const clicks = parquet({ id: 'int', url: 'string' }, [
  { id: 1, url: '/a' },
  { id: 2, url: '/b' },
]);

let temp: string;
let bundle: string;
let sink: string;
let sync: FunctionProcess;
beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-function-'));
  ({ folder: bundle } = await packageFunction(
    join(import.meta.dirname, '../../functions/metastore-sync'),
    join(temp, 'metastore-sync'),
  ));
  sink = await receiver.start();
  const objectStores = [
    { bucket: 'lake', prefix: 'golden/', path: root },
    { bucket: 'golden', prefix: '', path: root },
  ];
  sync = await startSync(bundle, writeSettings(temp, 'settings', writtenSettings(lake, { objectStores })), sink);
});
afterAll(async () => {
  await sync?.end();
  receiver.stop();
  rmSync(temp, { recursive: true });
});
beforeEach(() => void receiver.take());
afterEach(() => {
  receiver.judge = () => 202;
  expect(receiver.faults).toEqual([]);
});

/** Another process of the same package with settings of its own. */
async function withSync(
  name: string,
  more: Record<string, unknown>,
  work: (other: FunctionProcess) => Promise<void>,
): Promise<void> {
  const other = await startSync(bundle, writeSettings(temp, name, writtenSettings(lake, more)), sink);
  try {
    await work(other);
  } finally {
    await other.end();
  }
}

/** Holds every event of a type at the sink until it is released; `reached` resolves when the first one waits there. */
function holdAtSink(type: string): { reached: Promise<void>; release(): void } {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  receiver.judge = async (found) => {
    if (found === type) {
      reached.resolve();
      await released.promise;
    }
    return 202;
  };
  return { reached: reached.promise, release: released.resolve };
}

function told(): string[] {
  return receiver.take().map(({ event }) => `${event.type.replace('dev.lakewarden.', '')} ${event.subject ?? '-'}`);
}

async function putHours(topic: string, hours: number): Promise<void> {
  const names = Array.from({ length: hours }, (_, hour) => String(hour).padStart(2, '0'));
  await Promise.all(names.map((hour) => lake.put(`${topic}/2019/09/01/${hour}/data.parquet`, clicks)));
}

const partitionsOf = async (topic: string): Promise<number> =>
  (await lake.clients.metastore.table(database, topic)) === undefined
    ? 0
    : (await lake.clients.metastore.partitionNames(database, topic)).length;

describe('events that ring the bell', () => {
  test('PingSource, word for word as Knative sends it: no answer but 204, and Hive answers SQL', async () => {
    await putHours('pinged', 2);
    const captured = JSON.parse(
      readFileSync(join(import.meta.dirname, '../fixtures/events/pingsource.json'), 'utf8'),
    ) as { headers: Record<string, string>; body: string };
    const answer = await sync.send(captured);
    expect([answer.status, answer.body, answer.headers['lakewarden-outcome']]).toEqual([204, '', 'done']);
    expect(await lake.sql('SELECT hour, count(*) AS n FROM DB.pinged GROUP BY hour ORDER BY hour')).toEqual([
      { hour: '00', n: 2n },
      { hour: '01', n: 2n },
    ]);
    const events = receiver.take();
    expect(events.map(({ event }) => [event.type, event.subject])).toEqual([
      ['dev.lakewarden.table.created', `${database}.pinged`],
      ['dev.lakewarden.partitions.added', `${database}.pinged`],
      ['dev.lakewarden.sync.completed', undefined],
    ]);
    for (const { event } of events) {
      expect(event.source).toBe('/lakewarden/metastore-sync/metastore-sync');
      expect(event.id).toMatch(/^[a-z.]+-[0-9a-f]{32}$/);
    }
    expect(events.at(-1)?.event.data).toMatchObject({
      status: 'done',
      tables: 1,
      created: 1,
      evolved: 0,
      added: 2,
      changed: 0,
      problems: 0,
      left: [],
      calls: { hdfs: expect.any(Number), metastore: expect.any(Number) },
      trigger: { type: ping, source: captured.headers['Ce-Source'], id: captured.headers['Ce-Id'] },
    });
    const [unknown] = await sync.logged({ level: 'warn' });
    expect(unknown?.['msg']).toContain('data.zone is not an option');
  });

  test.each([
    ['S3', 'com.amazonaws.s3.ObjectCreated.Put', '01', 'clicks+0+0000000000+0000000099.snappy.parquet'],
    ['Google Cloud Storage', 'google.cloud.storage.object.v1.finalized', '02', 'datafoo.snappy.parquet'],
    ['Azure', 'Microsoft.Storage.BlobCreated', '03', 'datafoo.snappy.parquet'],
  ])('an object event of %s registers the partition of its object', async (_store, name, hour, file) => {
    await lake.put(`clicks/2019/09/01/${hour}/${file}`, clicks);
    const example = readFileSync(join(import.meta.dirname, `../../events/examples/${name}.json`), 'utf8');
    const body = example.replaceAll('/09/01/01/', `/09/01/${hour}/`);
    const headers = { 'content-type': 'application/cloudevents+json', accept: 'application/json' };
    const answer = await sync.send({ headers, body });
    expect(JSON.parse(answer.body)).toMatchObject({ status: 'done', result: { added: 1, problems: [] } });
    expect(await lake.ids(`clicks WHERE hour = '${hour}'`)).toEqual([1, 2]);
    expect(told()).toContain(`partitions.added ${database}.clicks`);
  });

  test('file.closed tells of evolved columns, and of a file that cannot be read under them', async () => {
    await lake.put('moved/2019/09/01/00/a.parquet', clicks);
    await ring(sync, closed, { path: `${root}/moved/2019/09/01/00/a.parquet` });
    const wider = parquet({ id: 'bigint', url: 'string', ref: 'string' }, [{ id: 3n, url: '/c', ref: 'x' }]);
    await lake.put('moved/2019/09/01/00/b.parquet', wider);
    await lake.put('moved/2019/09/01/01/c.parquet', parquet({ id: 'string' }, [{ id: 'x' }]));
    receiver.take();
    const paths = [
      `${root}/moved/2019/09/01/00/b.parquet`,
      `${lake.settings.hdfs.defaultFs}${root}/moved/2019/09/01/01/`,
    ];
    const answer = await ring(sync, closed, { paths }, 'first');
    expect([answer.status, answer.headers['lakewarden-outcome']]).toEqual([200, 'partial']);
    const first = receiver.take();
    expect(first.map(({ event }) => event.type.replace('dev.lakewarden.', ''))).toEqual([
      'table.conflict',
      'table.evolved',
      'partitions.changed',
      'sync.completed',
    ]);
    expect(first[0]?.event).toMatchObject({
      subject: `${database}.moved`,
      data: { path: `${root}/moved/2019/09/01/01/c.parquet`, reasons: [{ column: 'id', found: 'string' }] },
    });
    // The same conflict told again is the same event; the end of another run is another one.
    await ring(sync, closed, { paths }, 'second');
    const again = receiver.take();
    expect(again.map(({ event }) => event.type.replace('dev.lakewarden.', ''))).toEqual([
      'table.conflict',
      'sync.completed',
    ]);
    const id = (events: ReceivedEvent[], at: number): string | undefined => events.at(at)?.event.id;
    expect(id(again, 0)).toBe(id(first, 0));
    expect(id(again, -1)).not.toBe(id(first, -1));
    expect(await lake.sorted('SELECT id, ref FROM DB.moved', 'id')).toEqual([
      { id: 1n, ref: null },
      { id: 2n, ref: null },
      { id: 3n, ref: 'x' },
    ]);
  });
});

test('a dry run answers the plan and changes nothing', async () => {
  await putHours('dry', 3);
  const answer = await ring(sync, ping, { dryRun: true, scope: 'full', topics: ['dry'] }, 'dry-run');
  expect(JSON.parse(answer.body)).toMatchObject({
    status: 'planned',
    result: { tables: [{ topic: 'dry', create: { columns: [{ name: 'id' }, { name: 'url' }] }, add: [{}, {}, {}] }] },
  });
  expect(await lake.clients.metastore.table(database, 'dry')).toBeUndefined();
  expect(told()).toEqual([]);
  // A PingSource reads no answer, so the log tells what would be done.
  expect(await sync.logged({ msg: 'sync planned' })).toMatchObject([
    { event: { id: 'dry-run' }, plan: { changes: [`${database}.dry`], problems: 0 } },
  ]);
});

test('the log has one line per outcome with the event and the numbers; the metrics count the same', async () => {
  const count = async (metric: string): Promise<number> => {
    const { body } = await sync.send({ method: 'GET', path: '/metrics/lakewarden' });
    const [name, label] = metric.split(' ');
    const lines = body.split('\n').filter((text) => text.startsWith(`${name}{`) && text.includes(label ?? ''));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  const metrics = [
    'lakewarden_sync_effects_total kind="table_created"',
    'lakewarden_sync_effects_total kind="partition_added"',
    'lakewarden_sync_problems_total severity="error"',
    'lakewarden_sync_remote_calls_total system="hdfs"',
    'lakewarden_sync_remote_calls_total system="metastore"',
    'lakewarden_call_seconds_count system="hdfs"',
    'lakewarden_call_seconds_count system="metastore"',
    'lakewarden_sync_looks_total ',
  ];
  const before = await Promise.all(metrics.map(count));
  await putHours('counted', 4);
  await lake.put('counted/2019/09/01/04/text.parquet', Buffer.from('this is no Parquet file'));
  await ring(sync, ping, { scope: 'full', topics: ['counted'] }, 'counted-1');
  const summary = receiver.take().find(({ event }) => event.type.endsWith('sync.completed'))?.event.data;
  const calls = summary?.['calls'] as { hdfs: number; metastore: number };
  expect(calls.hdfs).toBeGreaterThan(5);
  const after = await Promise.all(metrics.map(count));
  expect(after.map((number, index) => number - (before[index] ?? 0))).toEqual([
    1,
    4,
    summary?.['problems'],
    calls.hdfs,
    calls.metastore,
    calls.hdfs,
    calls.metastore,
    1,
  ]);

  const lines = sync.log().filter((line) => (line['event'] as { id?: string } | undefined)?.id === 'counted-1');
  expect(lines.filter((line) => line['outcome'] !== undefined)).toEqual([
    expect.objectContaining({ msg: 'sync partial', level: 'info', function: 'metastore-sync', outcome: summary }),
  ]);
  const faulty = lines.filter((line) => line['path'] === `${root}/counted/2019/09/01/04/text.parquet`);
  expect(faulty).toMatchObject([{ level: 'error', code: 'file.unreadable', table: `${database}.counted` }]);
});

describe('a hopeless event gets an answer that Knative does not repeat, and touches nothing', () => {
  test.each([
    ['a path outside the root', closed, { path: '/elsewhere/a.parquet' }, 422, 'not below the root'],
    ['a path beside the root', closed, { path: `${root}er/a/2019/09/01/00/a.parquet` }, 422, 'not below the root'],
    ['the root itself', closed, { path: root }, 422, 'not below the root'],
    ['a path that climbs', closed, { path: `${root}/a/../../../tmp/x` }, 422, '..'],
    ['another file system', closed, { path: `hdfs://elsewhere:8020${root}/a/x` }, 422, 'not on the lake'],
    ['a control character', closed, { path: `${root}/a\u0007/x` }, 422, 'control'],
    ['no path', closed, {}, 400, 'data.path or data.paths is missing'],
    ['a path that is a number', closed, { path: 7 }, 400, 'data.path'],
    ['no data', closed, '', 400, 'data'],
    ['broken JSON', closed, '{"path"', 400, 'JSON'],
    ['an unknown type', 'com.example.unknown', {}, 415, 'com.example.unknown'],
    ['a removed object', 'com.amazonaws.s3.ObjectRemoved:Delete', {}, 415, 'ObjectRemoved'],
    ['an unknown scope', ping, { scope: 'everything' }, 400, 'data.scope'],
    ['a text for a number', ping, { partitions: 'many' }, 400, 'data.partitions'],
    ['data that is a list', ping, [], 400, 'data'],
    ['an unmapped bucket', 'google.cloud.storage.object.v1.finalized', { bucket: 'x', name: 'y' }, 422, 'objectStores'],
    ['a broken escape', 'Microsoft.Storage.BlobCreated', { url: 'https://a/golden/%zz' }, 400, 'percent-encoded'],
    [
      'an encoded climb',
      'com.amazonaws.s3.ObjectCreated:Put',
      { s3: { bucket: { name: 'lake' }, object: { key: 'golden/%2e%2e/%2e%2e/tmp/x' } } },
      422,
      '..',
    ],
  ])('%s', async (_name, type, data, status, reason) => {
    const tables = await lake.clients.metastore.tables(database);
    const answer = await ring(sync, type, data);
    const { error } = JSON.parse(answer.body) as { error: { message: string; fault: string } };
    expect([answer.status, error.message]).toEqual([status, expect.stringContaining(reason)]);
    expect(await sync.logged({ fault: error.fault })).toHaveLength(1);
    expect(told()).toEqual([]);
    expect(await lake.clients.metastore.tables(database)).toEqual(tables);
  });
});

describe('when a service is away', () => {
  test('the sink: the effect stays, the call fails so that it is repeated, and what waits is told then, in order', async () => {
    await putHours('deaf', 1);
    await ring(sync, ping, { topics: ['deaf'] });
    await putHours('deaf', 2);
    receiver.take();
    receiver.judge = (type) => (type.endsWith('partitions.added') ? 0 : 202);
    const path = `${root}/deaf/2019/09/01/01/data.parquet`;
    const answer = await ring(sync, closed, { path }, 'deaf-1');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'sink.unavailable' } });
    expect(await partitionsOf('deaf')).toBe(2);
    expect(told()).toEqual([]);
    // Were the process killed now, the log would still have them.
    const waiting = sync.log().filter((line) => line['msg'] === 'the event dev.lakewarden.partitions.added waits');
    expect(waiting).toMatchObject([{ undelivered: { type: 'dev.lakewarden.partitions.added' } }]);
    receiver.judge = () => 202;
    // Who was away a moment ago is not asked in vain by each call.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await ring(sync, closed, { path }, 'deaf-1')).toMatchObject({ status: 200 });
    expect(told().filter((line) => line.startsWith('partitions.added'))).toEqual([`partitions.added ${database}.deaf`]);
  });

  test('an event that the sink refuses goes to the log whole, and the call is no failure', async () => {
    await putHours('refused', 1);
    receiver.judge = (type) => (type.endsWith('sync.completed') ? 400 : 202);
    expect(await ring(sync, ping, { topics: ['refused'] })).toMatchObject({ status: 200 });
    const refused = sync.log().filter((line) => line['level'] === 'error' && line['undelivered'] !== undefined);
    expect(refused).toMatchObject([
      { err: { code: 'sink.refused' }, undelivered: { type: 'dev.lakewarden.sync.completed', specversion: '1.0' } },
    ]);
  });

  test('the metastore: 503 with Retry-After, and the reason', async () => {
    const uris = [`thrift://127.0.0.1:${await findFreePort()}`];
    await withSync('no-metastore', { metastore: { uris } }, async (other) => {
      const answer = await ring(other, ping, {});
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      expect(JSON.parse(answer.body)).toMatchObject({
        error: { code: 'metastore.unavailable', message: expect.stringContaining(uris[0]?.slice(9) as string) },
      });
      expect(told()).toEqual([]);
    });
  });

  test('the NameNode: no failure shows the delegation token, even where a gateway quotes our request', async () => {
    const token = 'KAAEaGRmcwRoZGZzAIoBsecretsecretsecret';
    const tokenFile = join(temp, 'token');
    writeFileSync(tokenFile, `${token}\n`);
    const urls: string[] = [];
    const gateway = createServer(({ url = '' }, response) => {
      urls.push(url);
      const RemoteException = { exception: 'AccessControlException', message: `refused: ${url}` };
      response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ RemoteException }));
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const { hdfs } = writtenSettings(lake);
    const ports = [await findFreePort(), (gateway.address() as AddressInfo).port];
    const answers: unknown[] = [];
    for (const port of ports) {
      const addresses = [`http://127.0.0.1:${port}`];
      await withSync(`token-${port}`, { hdfs: { ...(hdfs as object), addresses, tokenFile } }, async (other) => {
        const answer = await ring(other, ping, { scope: 'full' });
        const { error } = JSON.parse(answer.body) as { error: { code: string } };
        answers.push([answer.status, error.code]);
        await other.logged({ level: 'warn', status: answer.status });
        expect(`${answer.body}${other.output()}`).not.toContain('secretsecret');
      });
    }
    gateway.close();
    expect(urls[0]).toContain(token);
    expect(answers).toEqual([
      [503, 'hdfs.unavailable'],
      [422, 'hdfs.access_denied'],
    ]);
  });
});

describe('a run that cannot come to its end', () => {
  const busy = (topic: string): unknown => ({ scope: 'full', topics: [topic] });
  const oneByOne = { partitionsPerCall: 2 };

  test('is finished after SIGTERM when the time allows', async () => {
    await putHours('finished', 12);
    const hold = holdAtSink('dev.lakewarden.partitions.added');
    await withSync('drain', oneByOne, async (other) => {
      const answer = ring(other, ping, busy('finished'));
      await hold.reached;
      other.signal('SIGTERM');
      await other.logged({ msg: 'ending: no more events are taken' });
      hold.release();
      expect(JSON.parse((await answer).body)).toMatchObject({ status: 'done', result: { added: 12 } });
      await other.exited;
      expect(other.log().map((line) => line['level'])).not.toContain('error');
    });
    expect(await partitionsOf('finished')).toBe(12);
  });

  test('is ended by SIGTERM when it does not, and completed by the next start', async () => {
    await putHours('ended', 24);
    const hold = holdAtSink('dev.lakewarden.partitions.added');
    const hasty = { ...oneByOne, host: { drainSeconds: 0, graceSeconds: 1 } };
    await withSync('hasty', hasty, async (other) => {
      const answer = ring(other, ping, busy('ended'));
      await hold.reached;
      other.signal('SIGTERM');
      expect((await answer).status).toBe(503);
      await other.exited;
      expect(other.log().filter((line) => line['level'] === 'fatal')).toEqual([]);
    });
    hold.release();
    expect(await partitionsOf('ended')).toBeLessThan(24);
    await withSync('next', oneByOne, async (other) => {
      expect((await ring(other, ping, busy('ended'))).status).toBe(200);
    });
    expect(await partitionsOf('ended')).toBe(24);
    expect(await lake.ids('ended')).toHaveLength(48);
  });

  test('asks itself to go on with the topics that it had no time for', async () => {
    const topics = ['late_a', 'late_b', 'late_c'];
    for (const topic of topics) await putHours(topic, 1);
    const hold = holdAtSink('dev.lakewarden.table.created');
    await withSync('short', { host: { deadlineSeconds: 8 } }, async (other) => {
      const answer = ring(other, ping, { scope: 'full', topics });
      await hold.reached;
      setTimeout(() => hold.release(), 4_100);
      expect(JSON.parse((await answer).body)).toMatchObject({ status: 'partial', result: { left: topics.slice(1) } });
      expect(await partitionsOf('late_a')).toBe(1);
      expect(await partitionsOf('late_b')).toBe(0);
      const resumed = await receiver.waitFor('dev.lakewarden.metastore-sync.resumed');
      expect(resumed.event.data).toEqual({ topics: topics.slice(1), scope: 'full' });
      // The Broker hands it back as it came.
      const headers = Object.fromEntries(
        Object.entries(resumed.headers as Record<string, string>).filter(([name]) => /^(ce-|content-type)/.test(name)),
      );
      expect((await other.send({ headers, body: resumed.body })).status).toBe(204);
      expect(await partitionsOf('late_b')).toBe(1);
      expect(await partitionsOf('late_c')).toBe(1);
    });
  });

  test('fails when it cannot even ask, so that its sender repeats it', async () => {
    const topics = ['mute_a', 'mute_b'];
    for (const topic of topics) await putHours(topic, 1);
    await withSync('mute', { host: { deadlineSeconds: 8 } }, async (other) => {
      const hold = holdAtSink('dev.lakewarden.table.created');
      const answer = ring(other, ping, { scope: 'full', topics });
      await hold.reached;
      setTimeout(() => hold.release(), 4_100);
      const { judge } = receiver;
      receiver.judge = (type) => (type.endsWith('resumed') ? 400 : judge(type));
      expect((await answer).status).toBe(500);
      await other.logged({ msg: 'sync partial' });
    });
  });
});
