import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { type Between, type RowsToWrite, useParquetMr, type WriteOptions } from '../support/parquet-mr.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { root } = lake;
const { hdfs } = lake.clients;
const compaction = useCompactionLake({ root, minFiles: 2 });
const parquetMr = useParquetMr();
const rowsOfFile = 60;
const codecs = ['SNAPPY', 'GZIP', 'ZSTD', 'UNCOMPRESSED'] as const;

/** A topic as one writer leaves it. */
interface Topic {
  readonly name: string;
  /** The file of this number, with rows from this id on. */
  readonly file: (first: number) => RowsToWrite;
  readonly options: (index: number) => WriteOptions;
  /** All columns, as Hive shall hash them. */
  readonly columns: string;
  readonly where: string;
  readonly filters: readonly Between[];
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
const numbers = (first: number): number[] => Array.from({ length: rowsOfFile }, (_, index) => first + index);
const optional = (type: unknown): unknown => ({ type: ['null', type], default: null });
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });

/** As Kafka Connect has Avro write: lists of two levels, decimals of any length, timestamps of milliseconds. */
const connect: Topic = {
  name: 'connect',
  file: (first) => ({
    avro: {
      type: 'record',
      name: 'Click',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'name', ...(optional('string') as object) },
        { name: 'price', ...(optional(decimal(9, 2)) as object) },
        { name: 'total', type: decimal(30, 4) },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'ratio', type: 'double' },
        { name: 'flag', ...(optional('boolean') as object) },
        { name: 'nothing', ...(optional('string') as object) },
        { name: 'tags', type: { type: 'array', items: 'string' } },
        { name: 'counts', type: { type: 'map', values: 'long' } },
        {
          name: 'place',
          ...(optional({
            type: 'record',
            name: 'Place',
            fields: [
              { name: 'x', type: 'int' },
              { name: 'y', type: 'string' },
            ],
          }) as object),
        },
      ],
    },
    rows: numbers(first).map((id) => ({
      id,
      name: id % 7 === 0 ? null : { string: `n${id % 20}` },
      price: id % 5 === 0 ? null : { bytes: String.fromCharCode(id % 200, id % 256) },
      total: String.fromCharCode(255, 255 - (id % 128), id % 256, 0, 1),
      at: 1_567_303_200_000 + id * 1_001,
      ratio: id % 3 === 0 ? -0.5 * id : id / 7,
      flag: id % 4 === 0 ? null : { boolean: id % 2 === 0 },
      nothing: null,
      tags: Array.from({ length: id % 4 }, (_, index) => `t${index}-${id % 9}`),
      counts: Object.fromEntries(Array.from({ length: id % 3 }, (_, index) => [`k${index}`, id])),
      place: id % 6 === 0 ? null : { Place: { x: id, y: `y${id % 2}` } },
    })),
  }),
  options: () => ({ pageRows: 7, blooms: ['id', 'name'] }),
  columns: 'id, name, price, total, at, ratio, flag, nothing, tags, counts, place',
  where: "name = 'n11' AND id BETWEEN 100 AND 300",
  filters: [
    { column: 'id', from: '137', to: '137' },
    { column: 'id', from: '175', to: '184' },
    { column: 'id', from: '100000', to: '100000' },
    { column: 'name', from: hex('n11'), to: hex('n11') },
    { column: 'place.x', from: 118, to: 122 },
  ],
};

/** Old and new at once: INT96, decimals of fixed length, several codecs, both versions of pages, small row groups. */
const mixed: Topic = {
  name: 'mixed',
  file: (first) => ({
    message: `message old {
      required int64 id; optional binary word (UTF8); optional int96 at; optional fixed_len_byte_array(5) price (DECIMAL(10,2));
      optional float ratio; optional int32 day (DATE); optional int32 small (INT_8); optional binary raw;
      optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
      optional group nest { required int32 x; optional group deep (LIST) { repeated group list { optional int64 element; } } } }`,
    rows: numbers(first).map((id) => ({
      id: String(id),
      ...(id % 7 > 0 && { word: hex(`w${id % 13}`) }),
      ...(id % 4 > 0 && { at: `${(id % 200).toString(16).padStart(2, '0')}e1f50500000000a58b2500` }),
      price: `00000000${(id % 256).toString(16).padStart(2, '0')}`,
      ratio: ['7fc00000', '80000000', '3f800000'][id % 3],
      day: 18_000 + (id % 3),
      small: (id % 256) - 128,
      ...(id % 2 === 0 && { raw: hex(`raw ${id}`) }),
      ...(id % 3 > 0 && { tags: id % 3 === 1 ? {} : { list: [{ element: hex(`e${id}`) }, {}] } }),
      ...(id % 5 > 0 && { nest: { x: id, ...(id % 2 === 0 && { deep: { list: [{ element: '-1' }, {}] } }) } }),
    })),
  }),
  options: (index) => ({
    codec: codecs[index % codecs.length] ?? 'SNAPPY',
    v2: index % 2 === 1,
    dictionary: index % 3 > 0,
    pageRows: 5 + index,
    groupBytes: 4_000,
    blooms: ['word'],
  }),
  columns: 'id, word, at, price, ratio, day, small, tags, nest',
  where: "word = 'w4' AND id >= 200",
  filters: [
    { column: 'id', from: '59', to: '61' },
    { column: 'word', from: hex('w4'), to: hex('w4') },
    { column: 'small', from: -128, to: -126 },
    { column: 'nest.x', from: 300, to: 301 },
  ],
};
const topics = [connect, mixed];
const files = 8;

async function put(topic: Topic, index: number): Promise<void> {
  const first = index * rowsOfFile;
  const name = `${topic.name}+0+${first}+${first + rowsOfFile - 1}.parquet`;
  const path = `${root}/${topic.name}/2019/09/01/00/${name}`;
  await parquetMr.write(`${lake.settings.hdfs.defaultFs}${path}`, topic.file(first), topic.options(index));
  await hdfs.setTimes(path, { modificationTime: Date.now() - 3_600_000 });
}

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
  const visible = await compaction.visible(`${topic.name}/2019/09/01/00`);
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

/** What Hive answers: all rows, an aggregate over all columns, and the rows that a filter finds. */
async function askHive({ name, columns, where }: Topic): Promise<object> {
  const hash = `count(*) AS n, sum(id) AS ids, sum(hash(${columns})) AS h`;
  const rows = await lake.sql(`SELECT ${columns} FROM DB.${name}`);
  return {
    rows: rows.length,
    content: hashOf(rows),
    aggregate: await lake.sql(`SELECT ${hash} FROM DB.${name}`),
    found: (await lake.sql(`SELECT id FROM DB.${name} WHERE ${where}`))
      .map(({ id }) => Number(id))
      .toSorted((a, b) => a - b),
  };
}

async function askAll(): Promise<Record<string, Answers>> {
  const all: Record<string, Answers> = {};
  for (const topic of topics) {
    const [hive, { answers, work }] = await Promise.all([askHive(topic), askParquetMr(topic)]);
    all[topic.name] = { answers: { hive, parquetMr: answers }, work };
  }
  return all;
}

const filesOf = async (): Promise<number[]> =>
  await Promise.all(topics.map(async ({ name }) => (await compaction.visible(`${name}/2019/09/01/00`)).length));

async function merge(more: Record<string, unknown> = {}): Promise<void> {
  const outcome = await compaction.apply(undefined, compaction.tools({}, more));
  expect(outcome.problems).toEqual([]);
}

describe('Hive and parquet-mr answer the same', () => {
  let before: Record<string, Answers>;
  beforeAll(async () => {
    for (const topic of topics) for (let index = 0; index < files; index += 1) await put(topic, index);
    expect(problemsOf(await lake.apply()).filter(({ code }) => code !== 'column.note')).toEqual([]);
    before = await askAll();
  });

  test('to begin with: the rows that were written', () => {
    for (const { name } of topics)
      expect(before[name]?.answers).toMatchObject({
        hive: { rows: files * rowsOfFile, aggregate: [{ n: BigInt(files * rowsOfFile) }] },
        parquetMr: { rows: files * rowsOfFile, schemas: { length: 1 } },
      });
    // Page indexes and bloom filters are at work: pages of up to seven rows, and no row at all.
    expect(before['connect']?.work).toMatchObject({ bloomFilters: 16, rowsLeft: [7, 18, 0, 371, 11] });
  });

  test('after a CONCAT', async () => {
    await merge({ maxFiles: 4 });
    expect(await filesOf()).toEqual([2, 2]);
    expect(await askAll()).toEqual(before);
  });

  test('after a CONCAT of CONCATs', async () => {
    await merge();
    expect(await filesOf()).toEqual([1, 1]);
    expect(await askAll()).toEqual(before);
  });

  test('after the undo', async () => {
    for (const { name } of topics) {
      const [file] = await compaction.visible(`${name}/2019/09/01/00`);
      expect(await undoMerge(file?.path ?? '', compaction.undoTools())).toHaveProperty('done');
    }
    expect(await filesOf()).toEqual([2, 2]);
    expect(await askAll()).toEqual(before);
  });
});
