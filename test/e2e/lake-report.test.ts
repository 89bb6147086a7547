import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import type { LakeReport } from '../../cli/report/lake-report.ts';
import { type CliRun, lakewarden } from '../support/cli.ts';
import { findFreePort } from '../support/function-process.ts';
import { objectionsTo } from '../support/lake-report.ts';
import { lake as addresses } from '../support/lake.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { root, database } = lake;
const { webhdfs, defaultFs } = addresses();
const hdfs = { addresses: [webhdfs], defaultFs, user: superuser };
const compact = { root, quietSeconds: 0, latePartitions: 0, hdfs };
const row = parquet({ id: 'int' }, [{ id: 1 }]);
const wide = parquet({ id: 'bigint', late: 'boolean' }, [{ id: 2n, late: true }]);

let temp = '';
beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-lake-report-'));
  write('metastore-sync.json', writtenSettings(lake));
  write('partition-compaction.json', compact);
  write('compliance-scan.json', {
    sources: { hdfs: { connection: hdfs, roots: [{ name: 'golden', path: root, depth: 1, files: false }] } },
  });
  for (const hour of ['00', '01', '02'])
    for (let file = 0; file < 7; file += 1) await lake.put(`clicks/2019/09/01/${hour}/part-${file}.parquet`, row);
  await lake.put('clicks/2019/09/01/02/_SUCCESS', new Uint8Array(3));
  await lake.put('orders/2019/09/01/01/part-0.parquet', row);
  await lake.apply();
  await lake.put('orders/2019/09/01/02/part-0.parquet', wide);
  await lake.apply();
  // Nobody has registered it.
  await lake.put('orders/2019/09/01/03/part-0.parquet', row);
});
afterAll(() => rmSync(temp, { recursive: true }));

function write(name: string, settings: unknown): void {
  writeFileSync(join(temp, name), JSON.stringify(settings));
}

const report = (...args: string[]): Promise<CliRun> => lakewarden(['report', ...args], { cwd: temp });

async function read(...args: string[]): Promise<LakeReport> {
  const { out, err, code } = await report('--settings', temp, '--json', ...args);
  if (code !== 0 && code !== 3) throw new Error(err);
  const made = JSON.parse(out) as LakeReport;
  expect(objectionsTo(made)).toEqual([]);
  return made;
}

function factsOf<Key extends 'files' | 'tables' | 'compaction' | 'compliance' | 'since'>(made: LakeReport, key: Key) {
  const part = made[key];
  if (part.state !== 'read') throw new Error(`${key}: ${part.reason}`);
  return part.facts as Extract<LakeReport[Key], { state: 'read' }>['facts'];
}

/** Data files and their bytes, asked from HDFS folder by folder. */
async function count(path: string): Promise<{ files: number; bytes: number }> {
  const sums = { files: 0, bytes: 0 };
  for await (const { name, type, length, path: below } of lake.clients.hdfs.list(path)) {
    if (isHiddenName(name)) continue;
    const found = type === 'DIRECTORY' ? await count(below) : { files: 1, bytes: length };
    sums.files += found.files;
    sums.bytes += found.bytes;
  }
  return sums;
}

describe('the report of a real lake', () => {
  test('has the figures that HDFS and the metastore have', async () => {
    const made = await read();
    for (const topic of factsOf(made, 'files').topics) {
      const { files, bytes } = await count(`${root}/${topic.topic}`);
      expect(topic).toMatchObject({ files, bytes, isWhole: true });
      expect(topic.all?.files).toBe((await lake.clients.hdfs.contentSummary(`${root}/${topic.topic}`)).fileCount);
    }
    expect(factsOf(made, 'files').topics.map(({ topic, cells }) => [topic, cells.map((cell) => cell.files)])).toEqual([
      ['clicks', [7, 7, 7]],
      ['orders', [1, 1, 1]],
    ]);
    const { tables } = factsOf(made, 'tables');
    for (const { table, registered } of tables) {
      const names = await lake.clients.metastore.partitionNames(database, table.slice(database.length + 1));
      expect([table, registered]).toEqual([table, names.length]);
    }
    expect(tables).toMatchObject([
      { topic: 'clicks', folders: 3, registered: 3, rows: 21, changes: [] },
      {
        topic: 'orders',
        folders: 3,
        registered: 2,
        unregistered: [`${root}/orders/2019/09/01/03`],
        rows: 2,
        columns: [
          { name: 'id', type: 'bigint' },
          { name: 'late', type: 'boolean' },
        ],
        changes: [
          { column: 'id', from: 'int', to: 'bigint', because: `${root}/orders/2019/09/01/02/part-0.parquet` },
          { column: 'late', to: 'boolean' },
        ],
      },
    ]);
    expect(factsOf(made, 'compliance')).toMatchObject({ isComplete: true, resources: 4 });
    const scan = made.costs.find(({ part }) => part === 'compliance');
    expect(scan?.calls['HDFS']).toBeGreaterThan(4);
    expect(made.letters).toEqual({ state: 'unset', reason: 'no settings of dead-letter-triage' });
  });

  test('foretells what compaction does, and the next one shows what it did', async () => {
    const before = factsOf(await read('--state', 'reports'), 'compaction');
    expect(before.planned.map(({ topic, files, filesAfter }) => [topic, files, filesAfter])).toEqual(
      Array.from({ length: 3 }, () => ['clicks', 7, 1]),
    );
    const { code } = await lakewarden(['compact', 'apply', '--full', '--config', 'partition-compaction.json'], {
      cwd: temp,
    });
    expect(code).toBe(0);
    await lake.put('refunds/2019/09/01/03/part-0.parquet', row);
    const after = await read('--state', 'reports');
    const clicks = factsOf(after, 'files').topics.find(({ topic }) => topic === 'clicks');
    expect(clicks?.cells.map(({ files, mostFiles }) => [mostFiles, files])).toEqual([
      [7, 1],
      [7, 1],
      [7, 1],
    ]);
    const since = factsOf(after, 'since');
    expect(since.newTopics).toEqual(['refunds']);
    expect(since.sums).toContainEqual({ name: 'files', before: 24, now: 7 });
    const { code: ended } = await report('--settings', temp, '--state', 'reports', '--output', 'lake.html');
    expect(ended).toBe(0);
    expect(readFileSync(join(temp, 'lake.html'), 'utf8')).toContain('<h3>Files before</h3>');
  });

  test('is compared with one in HDFS, too, and takes no more calls than the folders that it may look at', async () => {
    const state = `${defaultFs}/${database}/reports`;
    await read('--state', state);
    const made = await read('--state', state, '--folders', '1', '--no-count', '--plans', '1');
    expect(factsOf(made, 'files')).toMatchObject({ foldersPerTopic: 1 });
    expect(factsOf(made, 'files').topics.every(({ cells, all }) => cells.length === 1 && all === undefined)).toBe(true);
    expect(factsOf(made, 'since').madeAt < made.madeAt).toBe(true);
    // The root, and of each topic: its folder, year, month, day, the newest hour; and the clock.
    expect(made.costs.find(({ part }) => part === 'files')?.calls).toEqual({ HDFS: 2 + 3 * 5 });
  });
});

describe('what cannot be looked at is said, and keeps nothing else from being shown', () => {
  test('a metastore that is away', async () => {
    const away = { ...writtenSettings(lake), metastore: { uris: [`thrift://127.0.0.1:${await findFreePort()}`] } };
    write('away.json', away);
    const { code, out } = await report('--sync', 'away.json', '--json');
    const made = JSON.parse(out) as LakeReport;
    expect(code).toBe(3);
    expect(factsOf(made, 'files').topics).toHaveLength(3);
    expect(factsOf(made, 'tables').tables.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(made.compaction.state).toBe('unset');
  });

  test('HDFS that is away', async () => {
    const addressesAway = [`http://127.0.0.1:${await findFreePort()}`];
    write('no-hdfs.json', { ...compact, hdfs: { ...hdfs, addresses: addressesAway, deadlineSeconds: 1 } });
    const { code, out } = await report('--compact', 'no-hdfs.json', '--output', 'away.html');
    expect([code, out]).toEqual([3, expect.stringContaining('away.html')]);
    expect(readFileSync(join(temp, 'away.html'), 'utf8')).toContain('Not everything could be looked at');
  });

  test('a folder that may not be listed', async () => {
    const path = `${root}/clicks/2019/09/01/01`;
    await lake.clients.hdfs.setPermission(path, '700');
    write('nobody.json', { ...compact, hdfs: { ...hdfs, user: 'nobody-in-particular' } });
    const { code, out } = await report('--compact', 'nobody.json', '--json');
    await lake.clients.hdfs.setPermission(path, '755');
    const made = JSON.parse(out) as LakeReport;
    expect(code).toBe(3);
    expect(made.problems).toContainEqual(expect.stringContaining(path));
    expect(factsOf(made, 'files').topics).toMatchObject([{ topic: 'clicks', isWhole: false, folders: 2 }, {}, {}]);
  });

  test('settings that nobody named, or that are wrong, and a page that cannot be written', async () => {
    const none = await report();
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('no lake runs')]);
    const nowhere = await report('--compact', 'partition-compaction.json', '--output', 'nowhere/lake.html');
    expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringMatching(/^config.invalid: nowhere/)]);
    write('wrong.json', { roots: '/golden' });
    const wrong = await report('--sync', 'wrong.json');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('metastore-sync: ')]);
  });
});
