import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runPython } from '../readers/python.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { performStep, schedule } from '../support/compaction-schedule.ts';
import { filesOfTopic, partition, putTopics, rowsOfFile, topics } from '../support/golden-topics.ts';
import { useParquetMr } from '../support/parquet-mr.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';
import { engines } from './addresses.ts';
import { summonJury, type Verdict } from './jury.ts';
import { askSpark } from './spark-client.ts';

const lake = useSyncLake();
const compaction = useCompactionLake({ root: lake.root });
const parquetMr = useParquetMr();
const jury = summonJury(lake);
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-same-answers-'));
afterAll(() => rmSync(temp, { recursive: true }));

/** Filters that page indexes, dictionaries and bloom filters help with. */
const filters: Readonly<Record<string, readonly string[]>> = {
  connect: ['id = 137', 'id BETWEEN 175 AND 184', "name = 'n11'", 'place.x BETWEEN 118 AND 122', 'id > 1000'],
  mixed: ['id BETWEEN 59 AND 61', "word = 'w4' AND id >= 200", 'small < -125', 'nest.x = 301'],
};

/** The rows as text, in the order of their ids, shortened; or what an engine has against the query. */
function contentOf(answer: readonly object[] | string): string {
  if (typeof answer === 'string') return 'refused';
  const text = answer.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
  return `${text.length} rows, ${createHash('sha256').update(text.join('\n')).digest('hex')}`;
}

/** What a session of Spark answers that remembers the files of the tables: no `REFRESH TABLE` tells it to look anew. */
async function askRememberingSpark(): Promise<Record<string, string>> {
  const rowByRow = { 'spark.sql.parquet.enableVectorizedReader': 'false' };
  const all: Record<string, string> = {};
  for (const { name, columns } of topics) {
    const query = `SELECT ${columns} FROM ${lake.database}.${name} ORDER BY id`;
    all[name] = contentOf(await askSpark(engines().spark, query, rowByRow).catch(String));
  }
  return all;
}

async function askJury(): Promise<Record<string, { content: Verdict<string>; found: object }>> {
  const all: Record<string, { content: Verdict<string>; found: object }> = {};
  for (const { name, columns } of topics) {
    // A session of Spark remembers the files of a table, and fails when they are gone.
    await askSpark(engines().spark, `REFRESH TABLE ${lake.database}.${name}`);
    const verdict = await jury.ask(`SELECT ${columns} FROM DB.${name} ORDER BY id`);
    const content = Object.fromEntries(Object.entries(verdict).map(([engine, answer]) => [engine, contentOf(answer)]));
    all[name] = { content, found: await jury.find(name, filters[name] ?? []) };
  }
  return all;
}

/** What pyarrow and DuckDB read in the files of a topic, fetched over WebHDFS. */
async function askReaders(): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const { name } of topics) {
    const folder = join(temp, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const { path, length } of await compaction.visible(`${name}/${partition}`))
      writeFileSync(join(folder, path.slice(path.lastIndexOf('/') + 1)), await lake.clients.hdfs.read(path, 0, length));
    all[name] = JSON.parse(await runPython('content.py', folder, ...(filters[name] ?? [])));
  }
  return all;
}

describe('Trino, Spark, Hive, pyarrow and DuckDB answer the same', () => {
  let before: { jury: Awaited<ReturnType<typeof askJury>>; readers: Record<string, unknown> };
  beforeAll(async () => {
    await putTopics(lake, parquetMr);
    expect(problemsOf(await lake.apply()).filter(({ code }) => code !== 'column.note')).toEqual([]);
    before = { jury: await askJury(), readers: await askReaders() };
  }, 300_000);

  test('to begin with: each finds the rows that were written, but for Spark, whose vectorized reader fails on lists of two levels', () => {
    const all = expect.stringMatching(`^${filesOfTopic * rowsOfFile} rows`) as unknown;
    for (const { name } of topics) {
      const refused = name === 'connect' ? { 'Spark, vectorized': 'refused' } : {};
      expect(before.jury[name]?.content).toEqual({ ...jury.agree(all), ...refused });
      expect(before.readers[name]).toMatchObject({ rows: filesOfTopic * rowsOfFile });
    }
    expect(before.jury['connect']?.found).toMatchObject({ 'id = 137': jury.agree([137]), 'id > 1000': jury.agree([]) });
    expect(before.jury['mixed']?.found).toMatchObject({ 'id BETWEEN 59 AND 61': jury.agree([59, 60, 61]) });
  });

  // One after the other on the same files.
  test.each(schedule)(
    'after $name',
    async (step) => {
      await performStep(step, compaction);
      const remembered = await askRememberingSpark();
      expect(await askJury()).toEqual(before.jury);
      expect(await askReaders()).toEqual(before.readers);
      for (const [name, answer] of Object.entries(remembered)) {
        const all = before.jury[name]?.content['Spark, row by row'];
        expect([name, answer === all ? 'all' : answer === 'refused' ? 'error' : 'part']).toEqual([
          name,
          step.oldListing,
        ]);
      }
    },
    300_000,
  );
});
