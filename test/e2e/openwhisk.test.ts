import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { packageAction } from '../../tools/package-action.ts';
import { type ActionProcess, startAction } from '../support/action-process.ts';
import { lake } from '../support/lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const golden = useSyncLake();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-openwhisk-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Our own Node, and the one that the machine brings: it may be Node 20, which OpenWhisk's runtime is. */
const nodes = [process.execPath, ...(process.env['PATH'] ?? '').split(delimiter).flatMap(findNode).slice(0, 1)];

function findNode(path: string): string[] {
  const file = join(path, 'node');
  try {
    accessSync(file, constants.X_OK);
    return path.includes('node_modules') ? [] : [file];
  } catch {
    return [];
  }
}

let file: string;
beforeAll(async () => {
  const source = join(import.meta.dirname, '../../functions/metastore-sync');
  await packageAction(source, folder);
  file = join(folder, 'openwhisk.js');
});

describe.each(nodes)('metastore-sync as an action on %s', (node) => {
  const topic = `clicks_${nodes.indexOf(node)}`;
  const { webhdfs, defaultFs, metastore } = lake();
  const lakewarden = {
    root: golden.root,
    database: golden.database,
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
    metastore: { uris: [metastore], user: superuser },
  };
  let action: ActionProcess;
  beforeAll(async () => {
    action = await startAction(node);
  });
  afterAll(() => action.end());

  test('syncs at an alarm what Hive then answers, and has nothing to do at the next', async () => {
    expect(await action.run({})).toMatchObject({ status: 403 });
    expect(await action.init(file)).toEqual({ status: 200, body: { OK: true } });
    const rows = [{ id: 1 }, { id: 2 }];
    await golden.put(`${topic}/2019/09/01/01/data.snappy.parquet`, parquetBytes({ id: 'int' }, rows));
    const alarm = { lakewarden, topics: [topic], lakewardenTick: { trigger: 'often', seconds: 60 } };
    const { body } = await action.run(alarm);
    expect(body).toMatchObject({
      function: 'metastore-sync',
      status: 'done',
      result: {
        added: 1,
        trigger: { source: '/openwhisk/guest/lakewarden/action', id: expect.stringMatching(/^often\/2/) },
      },
    });
    expect(await golden.ids(topic)).toHaveLength(2);
    expect(await action.run(alarm)).toMatchObject({ body: { status: 'nothing' } });
  });

  test('takes events out of Kafka messages, and tells each that is none', async () => {
    await golden.put(`${topic}/2019/09/01/02/data.snappy.parquet`, parquetBytes({ id: 'int' }, [{ id: 3 }]));
    const closed = {
      specversion: '1.0',
      id: '1',
      source: '/connect',
      type: 'dev.lakewarden.file.closed',
      data: { path: `${golden.root}/${topic}/2019/09/01/02/data.snappy.parquet` },
    };
    const messages = [closed, '{"broken":', { ...closed, id: '2', type: 'other' }];
    const { body } = await action.run({ lakewarden, messages: messages.map((value, offset) => ({ offset, value })) });
    expect(body).toMatchObject({
      error: {
        failed: 2,
        failures: [
          { at: 1, code: 'event.invalid' },
          { at: 2, code: 'event.unsupported' },
        ],
      },
    });
    expect(await golden.ids(topic)).toHaveLength(3);
  });

  test('answers a web request as an HTTP server would', async () => {
    const event = {
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 'dev.knative.sources.ping',
      data: { topics: [topic] },
    };
    const web = {
      lakewarden,
      __ow_method: 'post',
      __ow_path: '',
      __ow_query: '',
      __ow_headers: { 'content-type': 'application/cloudevents+json', accept: 'application/json' },
      __ow_body: btoa(JSON.stringify(event)),
    };
    expect(await action.run(web)).toMatchObject({
      body: { statusCode: 200, body: expect.stringContaining('nothing') },
    });
    expect(await action.run({ ...web, __ow_body: 'no base64' })).toMatchObject({ body: { statusCode: 400 } });
  });

  test('never shows a stack or a key, whatever it is given', async () => {
    const hostile = [
      [],
      { messages: 7 },
      { specversion: {} },
      { __ow_method: 'post' },
      { topics: ['\0'], lakewarden: 7 },
    ];
    for (const value of [...hostile, { messages: [{ value: 'x'.repeat(2_000_000) }] }, { topics: 'all', lakewarden }]) {
      const { status, body } = await action.run(value);
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toMatch(/at \w+ \(|\.ts:|openwhisk\.js|never-shown/);
    }
    expect(action.output()).not.toContain('never-shown');
  });
});
