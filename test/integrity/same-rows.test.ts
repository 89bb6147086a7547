import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { DeepMergeOptions } from '#shared/parquet/deep-merge/merge.ts';
import { openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { readFooterBytes } from '#shared/parquet/footer.ts';
import { concatFiles } from '../support/concat-files.ts';
import { deepMergeFiles } from '../support/deep-merge-files.ts';
import { Dice } from '../support/dice.ts';
import { bytesSource } from '../support/parquet-file.ts';
import { useParquetMr } from '../support/parquet-mr.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { randomAvro } from '../support/random-avro.ts';
import { randomTable } from '../support/random-table.ts';
import { randomGroups } from '../support/random-parquet.ts';

const lake = useSyncLake();
const parquetMr = useParquetMr();
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-same-rows-'));
afterAll(() => rmSync(temp, { recursive: true }));
let count = 0;

async function schemaOf(file: Uint8Array): Promise<string[]> {
  const { metadata } = openMetadata(await readFooterBytes(bytesSource(file)));
  return (metadata.get('schema')?.items ?? []).map((element) => Buffer.from(element.toBytes()).toString('hex'));
}

/** A merged file must have the schema of the files byte by byte, and for parquet-mr their rows in their order. */
async function expectSame(merged: Uint8Array, files: readonly Uint8Array[], rows: readonly string[]): Promise<void> {
  const path = join(temp, `${(count += 1)}.parquet`);
  writeFileSync(path, merged);
  const read = await parquetMr.read(path);
  expect(read.rows).toEqual(rows);
  expect(await schemaOf(merged)).toEqual(await schemaOf(files[0] as Uint8Array));
  const splits = await parquetMr.splits(path, Math.ceil(merged.length / 4));
  expect(splits.reduce((sum, each) => sum + each, 0)).toBe(rows.length);
}

/** Merges files by CONCAT, the result of that again, and both deeply. */
async function expectSameRows(files: readonly Uint8Array[], rows: readonly string[], seed: number): Promise<void> {
  for (const file of files) {
    const footer = await readFooterBytes(bytesSource(file));
    const { metadata, trailing } = openMetadata(footer);
    expect([metadata.toBytes(), trailing.length]).toEqual([footer, 0]);
  }
  const { bytes: joined } = await concatFiles(files);
  await expectSame(joined, files, rows);
  const { bytes: twice } = await concatFiles([joined, ...files]);
  await expectSame(twice, files, [...rows, ...rows]);
  const dice = new Dice(seed);
  const options: DeepMergeOptions = {
    groupRows: dice.pick([1, 20, 100_000]),
    dictionaryBytes: dice.pick([0, 30, 1 << 20]),
    residentBytes: dice.pick([100, 1 << 20]),
    ...(dice.oneIn(2) && { codec: dice.pick(['ZSTD', 'SNAPPY', 'GZIP', 'UNCOMPRESSED']) }),
  };
  await expectSame(await deepMergeFiles(files, options), files, rows);
  await expectSame(await deepMergeFiles([twice], options), files, [...rows, ...rows]);
}

describe.each([
  ['groups', randomGroups],
  ['Avro records, as Kafka Connect writes them', randomAvro],
])('%s of any schema and any values are the same rows after a CONCAT, another one, and deep merges', (_, make) => {
  test.each([...Array(8).keys()])('seed %i', async (seed) => {
    const { files } = make(seed);
    const written: Uint8Array[] = [];
    const rows: string[] = [];
    for (const file of files) {
      const path = join(temp, `${(count += 1)}.parquet`);
      await parquetMr.write(path, file.rows, file.options);
      const read = await parquetMr.read(path);
      if ('message' in file.rows) expect(read.rows.map((row) => JSON.parse(row) as unknown)).toEqual(file.rows.rows);
      else expect(read.rows).toHaveLength(file.rows.rows.length);
      rows.push(...read.rows);
      written.push(new Uint8Array(readFileSync(path)));
    }
    await expectSameRows(written, rows, seed);
  });
});

describe('what Hive writes into a table of any columns is the same rows after a CONCAT, another one, and deep merges', () => {
  test.each([0, 1])('seed %i', async (seed) => {
    const { columns, select } = randomTable(seed);
    const { hdfs } = lake.clients;
    const table = `by_hive_${seed}`;
    const folder = `${lake.root}/${table}`;
    await lake.sql(
      `CREATE EXTERNAL TABLE DB.${table} (${columns}) PARTITIONED BY (part int) STORED AS PARQUET LOCATION '${folder}'`,
    );
    await lake.sql(`INSERT INTO DB.${table} PARTITION (part) ${select}`);
    const files: Uint8Array[] = [];
    const rows: string[] = [];
    for await (const { path, name } of hdfs.list(folder)) {
      // Hive takes its staging folder away by itself, at any moment.
      if (name.startsWith('.')) continue;
      for await (const file of hdfs.list(path)) {
        files.push(new Uint8Array(await hdfs.read(file.path, 0, file.length)));
        rows.push(...(await parquetMr.read(`${lake.settings.hdfs.defaultFs}${file.path}`)).rows);
      }
    }
    expect([files.length, rows.length]).toEqual([4, 200]);
    await expectSameRows(files, rows, seed);
  });
});
