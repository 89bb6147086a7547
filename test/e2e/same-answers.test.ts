import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { performStep, schedule, visibleFiles } from '../support/compaction-schedule.ts';
import { filesOfTopic, partition, putTopics, rowsOfFile, type Topic, topics } from '../support/golden-topics.ts';
import { useParquetMr } from '../support/parquet-mr.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const compaction = useCompactionLake({ root: lake.root });
const parquetMr = useParquetMr();

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const hashOf = (rows: Iterable<unknown>): string =>
  createHash('sha256')
    .update(
      [...rows]
        .map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)))
        .toSorted()
        .join('\n'),
    )
    .digest('hex');

/** What an engine answers, and what it had to do for it: the same after a CONCAT, which changes no row group. */
interface Answers {
  readonly answers: object;
  readonly work: object;
}

/** What parquet-mr reads in all files of a topic together: all rows, by filters, by splits, by Avro. */
async function askParquetMr(topic: Topic): Promise<Answers> {
  const visible = await compaction.visible(`${topic.name}/${partition}`);
  const all = await Promise.all(
    visible.map(async ({ path, length }) => {
      const url = `${lake.settings.hdfs.defaultFs}${path}`;
      const read = await parquetMr.read(url);
      const splits = await parquetMr.splits(url, Math.ceil(length / 3));
      const { filters, denied } = await parquetMr.blooms(url);
      expect({ path, rows: sum(splits), denied }).toEqual({ path, rows: read.rows.length, denied: [] });
      const found = await parquetMr.find(url, topic.filters);
      return { ...read, filters, found, avro: await parquetMr.readAvro(url) };
    }),
  );
  return {
    answers: {
      schemas: [...new Set(all.map(({ schema }) => schema))],
      rows: all.flatMap(({ rows }) => rows).length,
      content: hashOf(all.flatMap(({ rows }) => rows)),
      avro: hashOf(all.flatMap(({ avro }) => avro)),
      found: topic.filters.map((filter, index) => {
        const rows = all.flatMap(({ found }) => found[index]?.rows ?? []);
        return { ...filter, count: rows.length, content: hashOf(rows) };
      }),
    },
    work: {
      bloomFilters: sum(all.map(({ filters }) => filters)),
      rowsLeft: topic.filters.map((_, index) => sum(all.map(({ found }) => found[index]?.left ?? 0))),
    },
  };
}

/** What Hive answers without a job: all rows, and the rows that a filter finds. */
async function askHive({ name, columns, where }: Topic): Promise<object> {
  const rows = await lake.sql(`SELECT ${columns} FROM DB.${name}`);
  const found = await lake.sql(`SELECT id FROM DB.${name} WHERE ${where}`);
  return {
    rows: rows.length,
    content: hashOf(rows),
    found: found.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
  };
}

/** What Hive counts and hashes over all columns of each topic, in one job. */
async function askAggregates(): Promise<object[]> {
  const parts = topics.map(
    ({ name, columns }) =>
      `SELECT '${name}' AS topic, count(*) AS n, sum(id) AS ids, sum(hash(${columns})) AS h FROM DB.${name}`,
  );
  const rows = await lake.sql(parts.join(' UNION ALL '));
  return rows.toSorted((a, b) => (String(a['topic']) < String(b['topic']) ? -1 : 1));
}

async function askAll(): Promise<Record<string, Answers>> {
  const all: Record<string, Answers> = { aggregates: { answers: await askAggregates(), work: {} } };
  for (const topic of topics) {
    const [hive, { answers, work }] = await Promise.all([askHive(topic), askParquetMr(topic)]);
    all[topic.name] = { answers: { hive, parquetMr: answers }, work };
  }
  return all;
}

describe('Hive and parquet-mr answer the same', () => {
  let before: Record<string, Answers>;
  beforeAll(async () => {
    await putTopics(lake, parquetMr);
    expect(problemsOf(await lake.apply()).filter(({ code }) => code !== 'column.note')).toEqual([]);
    before = await askAll();
  });

  test('to begin with: the rows that were written', () => {
    for (const { name } of topics)
      expect(before[name]?.answers).toMatchObject({
        hive: { rows: filesOfTopic * rowsOfFile },
        parquetMr: { rows: filesOfTopic * rowsOfFile, schemas: { length: 1 } },
      });
    expect(before['aggregates']?.answers).toMatchObject(topics.map(() => ({ n: BigInt(filesOfTopic * rowsOfFile) })));
    // Page indexes and bloom filters are at work: pages of up to seven rows, and no row at all.
    expect(before['connect']?.work).toMatchObject({ bloomFilters: 16, rowsLeft: [7, 18, 0, 371, 11] });
  });

  // One after the other on the same files.
  test.each(schedule)('after $name', async (step) => {
    const files = (await visibleFiles(compaction)).map(({ path }) => `${lake.settings.hdfs.defaultFs}${path}`);
    const whole = await Promise.all(files.map((file) => parquetMr.read(file)));
    const began = await Promise.all(files.map((file) => parquetMr.begin(file)));
    await performStep(step, compaction);
    // A query that has a file open goes on with what it opened, or fails; no CONCAT lets it fail.
    const ended = await Promise.all(
      files.map((file) => parquetMr.finish(file).catch((error: unknown) => String(error))),
    );
    for (const [index, rows] of ended.entries())
      if (step.keepsReaders || typeof rows !== 'string')
        expect([began[index], rows].flat()).toEqual(whole[index]?.rows);

    const answers = await askAll();
    for (const name of Object.keys(before)) {
      expect(answers[name]?.answers).toEqual(before[name]?.answers);
      if (step.keepsGroups) expect(answers[name]?.work).toEqual(before[name]?.work);
    }
  });
});
