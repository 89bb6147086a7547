import { describe, expect, test } from '@jest/globals';
import type { Widening } from '#shared/parquet/leaf-join.ts';
import { applyRun } from '#functions/metastore-sync/run.ts';
import { parquetBytes, type ColumnSpec } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';
import { engines } from './addresses.ts';
import { summonJury } from './jury.ts';
import { askSpark } from './spark-client.ts';
import { askTrino } from './trino-client.ts';

// What the engines do wrong. These tests show that the jury sees it, and tell when an engine learns better.

const lake = useSyncLake();
const jury = summonJury(lake);

/** Writes a file of one row for each of two hours, and syncs after each. */
async function writeTwo(
  topic: string,
  columns: readonly [ColumnSpec, ColumnSpec],
  values: readonly [unknown, unknown],
  allow: readonly Widening[] = [],
): Promise<void> {
  const settings = { ...lake.settings, topics: { [topic]: { adopt: false, allow: [...allow] } } };
  const request = { scope: { kind: 'full' as const, topics: [topic] }, dryRun: false, problems: [] };
  for (const [hour, c] of columns.entries()) {
    const bytes = parquetBytes({ id: 'int', c }, [{ id: hour + 1, c: values[hour] }]);
    await lake.put(`${topic}/2019/09/01/0${hour}/data.parquet`, bytes);
    expect(problemsOf(await applyRun(request, lake.tools({ settings })))).toEqual([]);
  }
}

const others = { Hive: [1, 2], 'Spark, vectorized': [1, 2], 'Spark, row by row': [1, 2] };
const ignoreStatistics = 'hive.parquet_ignore_statistics=true';

describe('what is refused unless the topic allows it', () => {
  test('float to double: Trino reads it and fails as soon as the column is filtered', async () => {
    await writeTwo('allowed_double', ['float', 'double'], [1.5, 2.5], ['float->double']);
    await expect(jury.find('allowed_double', ['id > 0', 'c > 1', 'c BETWEEN 1 AND 3', 'c = 1.5'])).resolves.toEqual({
      'id > 0': jury.agree([1, 2]),
      'c > 1': { ...others, Trino: expect.stringContaining('Corrupted statistics') },
      'c BETWEEN 1 AND 3': { ...others, Trino: expect.stringContaining('Corrupted statistics') },
      'c = 1.5': {
        Hive: [1],
        'Spark, vectorized': [1],
        'Spark, row by row': [1],
        Trino: expect.stringContaining('Corrupted statistics'),
      },
    });
    const query = `SELECT id FROM ${lake.database}.allowed_double WHERE c > 1`;
    expect(await askTrino(engines().trino, query, ignoreStatistics)).toHaveLength(2);
  });

  test('a decimal of another scale: Trino and Hive lose the old rows without a word as soon as the column is filtered', async () => {
    await writeTwo('allowed_scale', ['decimal(9,2)', 'decimal(18,4)'], [1.5, 2.5], ['decimal-scale']);
    await expect(jury.find('allowed_scale', ['id > 0', 'c > 1', 'c BETWEEN 1 AND 3'])).resolves.toEqual({
      'id > 0': jury.agree([1, 2]),
      'c > 1': { ...others, Trino: [2], Hive: [2] },
      'c BETWEEN 1 AND 3': { ...others, Trino: [2], Hive: [2] },
    });
    const query = `SELECT id FROM ${lake.database}.allowed_scale WHERE c > 1`;
    expect(await askTrino(engines().trino, query, ignoreStatistics)).toHaveLength(2);
  });
});

test('a widening that does not reach the partitions: Hive fails, the others do not', async () => {
  const files = ['int', 'int'] as const;
  await writeTwo('not_cascaded', files, [7, 8]);
  const table = await lake.clients.metastore.table(lake.database, 'not_cascaded');
  const sd = table?.sd;
  const cols = sd?.cols?.map((column) => (column.name === 'c' ? { ...column, type: 'bigint' } : column));
  if (table === undefined || sd === undefined || cols === undefined) throw new Error('no table');
  await lake.clients.metastore.alterTable(lake.database, 'not_cascaded', { ...table, sd: { ...sd, cols } });
  expect(await jury.ask('SELECT cast(c AS varchar(50)) AS c FROM DB.not_cascaded WHERE id = 1')).toEqual({
    ...jury.agree([{ c: '7' }]),
    Hive: expect.stringContaining('ClassCastException'),
  });
});

describe('decimal with more digits, which is made: Spark compares with the bits that the old files have', () => {
  const lost = [2];
  const rest = { Trino: [1, 2], Hive: [1, 2] };
  const fixed = (precision: number, length: number): ColumnSpec => ({
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: length,
    converted_type: 'DECIMAL',
    precision,
    scale: 2,
  });

  test.each([
    ['32', 'decimal(9,2)', 'decimal(18,2)', '21474836.47', '21474836.48'],
    ['64', 'decimal(18,2)', 'decimal(38,2)', '92233720368547758.07', '92233720368547758.08'],
  ])('%s bits: a filter beyond them loses the old rows', async (bits, before, after, largest, larger) => {
    const table = `digits_${bits}`;
    await writeTwo(table, [before, after], [12.34, 56.78]);
    await expect(jury.find(table, [`c < ${largest}`, `c < ${larger}`])).resolves.toEqual({
      [`c < ${largest}`]: jury.agree([1, 2]),
      [`c < ${larger}`]: { ...rest, 'Spark, vectorized': lost, 'Spark, row by row': lost },
    });
    const query = `SELECT id FROM ${lake.database}.${table} WHERE c < ${larger}`;
    const cure = { 'spark.sql.parquet.filterPushdown.decimal': 'false' };
    expect(await askSpark(engines().spark, query, cure)).toHaveLength(2);
  });

  test('bytes of a fixed length: a filter beyond them fails', async () => {
    await writeTwo('digits_fixed', [fixed(9, 4), fixed(18, 8)], [12.34, 56.78]);
    const failed = expect.stringContaining('FAILED_READ_FILE');
    await expect(jury.find('digits_fixed', ['c < 12.35', 'c < 1234567890.12'])).resolves.toEqual({
      'c < 12.35': jury.agree([1]),
      'c < 1234567890.12': { ...rest, 'Spark, vectorized': failed, 'Spark, row by row': failed },
    });
  });

  test('bytes of one length in old and young files: all is right', async () => {
    await writeTwo('digits_alike', [fixed(9, 16), fixed(18, 16)], [12.34, 56.78]);
    const filters = ['c < 12.35', 'c < 1234567890.12'];
    await expect(jury.find('digits_alike', filters)).resolves.toEqual({
      'c < 12.35': jury.agree([1]),
      'c < 1234567890.12': jury.agree([1, 2]),
    });
  });
});
