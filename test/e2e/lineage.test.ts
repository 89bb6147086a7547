import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RunEvent } from '#shared/lineage/run-event.ts';
import { packageFunction } from '../../tools/package.ts';
import { lakewarden } from '../support/cli.ts';
import { type FunctionProcess, findFreePort } from '../support/function-process.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { runEventFaults } from '../support/run-event-schema.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { ring, startSync, writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { database, root, settings } = lake;
const ping = 'dev.knative.sources.ping';
const file = parquet({ id: 'int', url: 'string' }, [
  { id: 1, url: '/a' },
  { id: 2, url: '/b' },
]);

// A catalogue of lineage, as far as its callers see it.
const received: { url: string; authorization: string | undefined; event: RunEvent }[] = [];
let status: number | 'never' = 201;
const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const event = JSON.parse(await text(request)) as RunEvent;
  received.push({ url: request.url ?? '', authorization: request.headers.authorization, event });
  if (status !== 'never') response.writeHead(status).end();
};
const catalogue = createServer((request, response) => void take(request, response));

let temp: string;
let bundle: string;
let url: string;
beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-lineage-'));
  ({ folder: bundle } = await packageFunction('functions/metastore-sync', join(temp, 'metastore-sync')));
  catalogue.listen(0, '127.0.0.1');
  await once(catalogue, 'listening');
  url = `http://127.0.0.1:${(catalogue.address() as AddressInfo).port}/api/v1/lineage`;
});
afterAll(() => {
  catalogue.close();
  catalogue.closeAllConnections();
  rmSync(temp, { recursive: true });
});
beforeEach(() => {
  received.length = 0;
  status = 201;
});

async function withSync(lineage: object, work: (sync: FunctionProcess) => Promise<void>): Promise<void> {
  const sync = await startSync(bundle, writeSettings(temp, 'settings', writtenSettings(lake, { lineage })));
  try {
    await work(sync);
  } finally {
    await sync.end();
  }
}

async function metric(sync: FunctionProcess, result: string): Promise<number> {
  const { body } = await sync.send({ method: 'GET', path: '/metrics/lakewarden' });
  const line = body.split('\n').find((each) => each.startsWith(`lakewarden_lineage_events_total{result="${result}"`));
  return Number(line?.split(' ').at(-1));
}

/** What was told, in short: state, table, its change, its number of columns, rows and files. */
function told(): unknown[] {
  return received.map(({ event: { eventType, outputs } }) => {
    const [output] = outputs;
    const facets = { ...output?.facets, ...output?.outputFacets } as {
      lifecycleStateChange?: { lifecycleStateChange: string };
      schema?: { fields: unknown[] };
      outputStatistics?: { rowCount?: number; fileCount: number };
    };
    if (output === undefined) return eventType;
    const { rowCount, fileCount } = facets.outputStatistics ?? {};
    const change = facets.lifecycleStateChange?.lifecycleStateChange;
    return [eventType, change, facets.schema?.fields.length, rowCount, fileCount];
  });
}

describe('with the setting lineage', () => {
  test('each effect is told as a run that suits the schema, with a bearer token; nothing new tells nothing', async () => {
    const tokenFile = join(temp, 'token');
    writeFileSync(tokenFile, 'let-me-in\n');
    await withSync({ url, tokenFile, namespace: 'golden' }, async (sync) => {
      await lake.put('told/2019/09/01/00/a.parquet', file);
      await lake.put('told/2019/09/01/01/a.parquet', file);
      await ring(sync, ping, { topics: ['told'] });
      await lake.put('told/2019/09/01/01/b.parquet', parquet({ id: 'bigint', late: 'int' }, [{ id: 3n, late: 1 }]));
      await ring(sync, ping, { topics: ['told'] });
      await ring(sync, ping, { topics: ['told'] });
      expect(told()).toEqual([
        'START',
        ['COMPLETE', 'CREATE', 6, undefined, undefined],
        'START',
        ['COMPLETE', undefined, undefined, 4, 2],
        'START',
        ['COMPLETE', 'ALTER', 7, undefined, undefined],
        'START',
        ['COMPLETE', undefined, undefined, undefined, 2],
      ]);
      expect([await metric(sync, 'delivered'), await metric(sync, 'lost')]).toEqual([8, 0]);
    });
    expect(received.flatMap(({ event }) => runEventFaults(event))).toEqual([]);
    expect(new Set(received.map((each) => `${each.url} ${each.authorization}`))).toEqual(
      new Set(['/api/v1/lineage Bearer let-me-in']),
    );
    expect(received[1]?.event).toMatchObject({
      job: { namespace: 'golden', name: `metastore-sync.${database}.told` },
      outputs: [
        {
          namespace: settings.hdfs.defaultFs,
          name: `${root}/told`,
          facets: {
            symlinks: {
              identifiers: [
                { namespace: settings.metastore.uris[0]?.replace('thrift:', 'hive:'), name: `${database}.told` },
              ],
            },
          },
        },
      ],
    });
    expect(new Set(received.map(({ event }) => event.run.runId)).size).toBe(4);
  });

  test.each([
    ['away', 'the connection failed'],
    ['silent', 'did not take everything in time'],
    ['failing with 500', 'answered 500'],
    ['refusing with 403', 'refused an event with 403'],
  ])('an endpoint that is %s fails no sync; the log and a metric tell', async (kind, reason) => {
    status = kind === 'silent' ? 'never' : kind.includes('403') ? 403 : 500;
    const topic = kind.replaceAll(/\W/g, '_');
    const address = kind === 'away' ? `http://127.0.0.1:${await findFreePort()}/` : url;
    await lake.put(`${topic}/2019/09/01/00/a.parquet`, file);
    await withSync({ url: address, deadlineSeconds: kind === 'silent' ? 0.5 : 10 }, async (sync) => {
      const answer = await ring(sync, ping, { topics: [topic] });
      expect(JSON.parse(answer.body)).toMatchObject({ status: 'done', result: { created: 1, added: 1, problems: [] } });
      const [line] = await sync.logged({ msg: '4 lineage events were not taken, 0 were' });
      expect(line).toMatchObject({ level: 'warn', err: { message: expect.stringContaining(reason) } });
      expect([await metric(sync, 'delivered'), await metric(sync, 'lost')]).toEqual([0, 4]);
    });
  });

  test('the command line tells it, too; without the setting nothing is told', async () => {
    const config = (name: string, more: object): string =>
      writeSettings(temp, name, writtenSettings(lake, { ...more }));
    const apply = (name: string, more: object, topic: string): Promise<{ code: number }> =>
      lakewarden(['sync', 'apply', '--config', config(name, more), '--topic', topic], { cwd: temp });
    await lake.put('silent_cli/2019/09/01/00/a.parquet', file);
    await lake.put('cli/2019/09/01/00/a.parquet', file);
    expect(await apply('silent', {}, 'silent_cli')).toMatchObject({ code: 0 });
    expect(received).toEqual([]);
    expect(await apply('loud', { lineage: { url } }, 'cli')).toMatchObject({ code: 0 });
    expect(told()).toHaveLength(4);
  });
});
