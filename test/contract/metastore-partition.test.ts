import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { methods } from '#shared/hive/metastore-methods.ts';
import { Metastore, type ColumnStatisticsObj, type Partition, type Table } from '#shared/hive/metastore.ts';
import { decodeStruct } from '#shared/hive/thrift/decode.ts';
import { encodeStruct } from '#shared/hive/thrift/encode.ts';
import { defaultPartition, partitionName, partitionValues } from '#shared/lake/partition-name.ts';
import { lake } from '../support/lake.ts';
import { database, newPartition, newTable, openMetastore, startProxy } from './metastore-support.ts';

let metastore: Metastore;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ metastore, close } = await openMetastore());
});
afterAll(() => close());

async function create(name: string, ...partitions: string[][]): Promise<Table> {
  await metastore.createTable(newTable(name));
  const table = await metastore.table(database, name);
  if (table === undefined) throw new Error(`no table ${name}`);
  await metastore.addPartitions(
    database,
    name,
    partitions.map((values) => newPartition(table, ...values)),
  );
  return table;
}

const values = (partitions: readonly Partition[]): string[] =>
  partitions.map((each) => each.values.join(' ')).toSorted();

describe('adding partitions', () => {
  test('answers those that are new', async () => {
    const table = await create('added', ['2019', 'Rome']);
    const some = ['Rome', 'Oslo', 'Bern'].map((city) => newPartition(table, '2019', city));
    await expect(metastore.addPartitions(database, 'added', some).then(values)).resolves.toEqual([
      '2019 Bern',
      '2019 Oslo',
    ]);
    await expect(metastore.addPartitions(database, 'added', some)).resolves.toEqual([]);
    const names = await metastore.partitionNames(database, 'added');
    expect(names.toSorted()).toEqual(['year=2019/city=Bern', 'year=2019/city=Oslo', 'year=2019/city=Rome']);
  });

  test('answers nothing when that is not needed', async () => {
    const table = await create('silent');
    const added = await metastore.addPartitions(database, 'silent', [newPartition(table, '1', 'a')], {
      needResult: false,
    });
    expect(added).toEqual([]);
    await expect(metastore.partitionNames(database, 'silent')).resolves.toEqual(['year=1/city=a']);
  });

  test('adds none when one exists and that is not fine', async () => {
    const table = await create('atomic', ['2019', 'Rome']);
    const some = ['Oslo', 'Rome'].map((city) => newPartition(table, '2019', city));
    await expect(metastore.addPartitions(database, 'atomic', some, { ifNotExists: false })).rejects.toMatchObject({
      code: 'metastore.exists',
      details: { exception: 'AlreadyExistsException' },
    });
    await expect(metastore.partitionNames(database, 'atomic')).resolves.toEqual(['year=2019/city=Rome']);
  });

  test('refuses a list that names one twice, and values of the wrong number', async () => {
    const table = await create('poison');
    const twice = [newPartition(table, '1', 'a'), newPartition(table, '1', 'a')];
    await expect(metastore.addPartitions(database, 'poison', twice)).rejects.toMatchObject({
      code: 'metastore.invalid',
    });
    const short = [newPartition(table, '1', 'a'), newPartition(table, '1')];
    await expect(metastore.addPartitions(database, 'poison', short)).rejects.toMatchObject({
      code: 'metastore.invalid',
    });
    await expect(metastore.partitionNames(database, 'poison')).resolves.toEqual([]);
  });

  test('to a table that does not exist is refused', async () => {
    const some = [newPartition(newTable('nowhere'), '1', 'a')];
    await expect(metastore.addPartitions(database, 'nowhere', some)).rejects.toMatchObject({ disposition: 'reject' });
    // Hive 4 does not tell no table from no partitions.
    await expect(metastore.partitionNames(database, 'nowhere')).resolves.toEqual([]);
  });

  test('does not make the server count files, nor leave a trace of that', async () => {
    const table = await create('uncounted');
    const [added] = await metastore.addPartitions(database, 'uncounted', [
      { ...newPartition(table, '1', 'a'), parameters: new Map([['note', 'x']]) },
    ]);
    expect([...(added?.parameters?.keys() ?? [])].toSorted()).toEqual(['note', 'transient_lastDdlTime']);
  });

  test('of no partitions calls nobody', async () => {
    const before = metastore.calls;
    await expect(metastore.addPartitions(database, 'any', [])).resolves.toEqual([]);
    await expect(metastore.partitionsByNames(database, 'any', [])).resolves.toEqual([]);
    await metastore.alterPartitions(database, 'any', []);
    await metastore.dropPartitions(database, 'any', []);
    expect(metastore.calls).toBe(before);
  });
});

test('the server names partitions as we do', async () => {
  const keys = ['year', 'city'];
  const cities = [
    'a=b/c%d',
    'Zürich',
    '東京 🌊',
    ' x ',
    `'"#*:?\\{}[]^`,
    'a\tb\x7f',
    'A+B&C',
    '100%',
    '%3A',
    defaultPartition,
  ];
  const table = await create('named', ...cities.map((city) => ['2019', city]));
  const names = await metastore.partitionNames(database, table.tableName);
  expect(names.toSorted()).toEqual(cities.map((city) => partitionName(keys, ['2019', city])).toSorted());
  expect(names.map((name) => partitionValues(name)?.[1] ?? '').toSorted()).toEqual(cities.toSorted());
  const partitions = await metastore.partitionsByNames(database, table.tableName, names);
  expect(values(partitions)).toEqual(cities.map((city) => `2019 ${city}`).toSorted());
});

/** The partitions in a certain order, without what the server itself writes at each change. */
function settled(partitions: readonly Partition[]): unknown[] {
  return partitions
    .map(({ parameters = new Map<string, string>(), ...rest }) => {
      const { transient_lastDdlTime: _, ...others } = Object.fromEntries(parameters);
      return { ...rest, others };
    })
    .toSorted((a, b) => a.values.join().localeCompare(b.values.join()));
}

describe('altering partitions', () => {
  test('keeps everything that it does not change, and counts no files', async () => {
    await create('altered', ['2019', 'Rome'], ['2020', 'Rome']);
    const names = ['year=2019/city=Rome', 'year=2020/city=Rome'];
    const before = await metastore.partitionsByNames(database, 'altered', names);
    const changed = before.map((partition) => ({
      ...partition,
      parameters: new Map([...(partition.parameters ?? []), ['note', 'seen']]),
    }));
    await metastore.alterPartitions(database, 'altered', changed);
    const after = await metastore.partitionsByNames(database, 'altered', names);
    expect(settled(after)).toEqual(settled(changed));
    expect(after[0]?.parameters?.get('totalSize')).toBe('7');
    expect(after[0]?.parameters?.has('DO_NOT_UPDATE_STATS')).toBe(false);
  });

  test('that do not exist is refused', async () => {
    const table = await create('unaltered');
    const some = [{ ...newPartition(table, '1', 'a'), dbName: database, tableName: 'unaltered' }];
    await expect(metastore.alterPartitions(database, 'unaltered', some)).rejects.toMatchObject({
      code: 'metastore.invalid',
    });
  });
});

test('a table altered with cascade changes its partitions, without leaves them', async () => {
  const table = await create('cascaded', ['2019', 'Rome']);
  const columnsOf = async (): Promise<string[]> => {
    const [partition] = await metastore.partitionsByNames(database, 'cascaded', ['year=2019/city=Rome']);
    return (partition?.sd?.cols ?? []).map(({ name, type }) => `${name} ${type}`);
  };
  const [id, price] = table.sd?.cols ?? [];
  if (id === undefined || price === undefined) throw new Error('no columns');
  const wider = { ...table, sd: { ...table.sd, cols: [id, price, { name: 'more', type: 'string' }] } };
  await metastore.alterTable(database, 'cascaded', wider);
  await expect(columnsOf()).resolves.toEqual(['id int', 'price decimal(9,2)']);
  const widest = { ...wider, sd: { ...wider.sd, cols: [{ ...id, type: 'bigint' }, ...wider.sd.cols.slice(1)] } };
  await metastore.alterTable(database, 'cascaded', widest, { cascade: true, deadlineMs: 300_000 });
  await expect(columnsOf()).resolves.toEqual(['id bigint', 'price decimal(9,2)', 'more string']);
});

test('dropping partitions skips those that do not exist, unless told not to', async () => {
  await create('thinned', ['1', 'a'], ['2', 'b'], ['3', 'c']);
  await metastore.dropPartitions(database, 'thinned', ['year=1/city=a', 'year=9/city=z']);
  const strict = metastore.dropPartitions(database, 'thinned', ['year=2/city=b', 'year=9/city=z'], { ifExists: false });
  await expect(strict).rejects.toMatchObject({ code: 'metastore.not_found' });
  const names = await metastore.partitionNames(database, 'thinned');
  expect(names.toSorted()).toEqual(['year=2/city=b', 'year=3/city=c']);
});

/** Statistics of the column `id`. */
function numbers(lowValue: bigint, highValue: bigint): ColumnStatisticsObj {
  const longStats = { lowValue, highValue, numNulls: 2n, numDVs: 3n };
  return { colName: 'id', colType: 'int', statsData: { longStats } };
}

test('statistics of columns come back, by partition', async () => {
  await create('counted', ['1', 'a'], ['2', 'b'], ['3', 'c']);
  const price: ColumnStatisticsObj = {
    colName: 'price',
    colType: 'decimal(9,2)',
    statsData: { decimalStats: { lowValue: { unscaled: Buffer.of(1, 2), scale: 2 }, numNulls: 0n, numDVs: 1n } },
  };
  const written = new Map([
    ['year=1/city=a', [numbers(-5n, 2n ** 40n), price]],
    ['year=2/city=b', [numbers(1n, 2n)]],
  ]);
  await metastore.setStatistics(database, 'counted', written);
  const names = ['year=1/city=a', 'year=2/city=b', 'year=3/city=c'];
  const read = await metastore.statistics(database, 'counted', names, ['id', 'price']);
  expect(read.size).toBe(2);
  const both = (read.get('year=1/city=a') ?? []).toSorted((a, b) => a.colName.localeCompare(b.colName));
  expect(both).toMatchObject([numbers(-5n, 2n ** 40n), price]);
  expect(read.get('year=2/city=b')).toMatchObject([numbers(1n, 2n)]);
  const [partition] = await metastore.partitionsByNames(database, 'counted', ['year=1/city=a']);
  expect(partition?.parameters?.get('COLUMN_STATS_ACCURATE')).toContain('"id":"true"');
});

test('500 partitions come back byte for byte', async () => {
  const table = await create('many');
  const some = Array.from({ length: 500 }, (_, index) => newPartition(table, String(index), `Ort ${index}`));
  await metastore.addPartitions(database, 'many', some, { needResult: false });
  const names = await metastore.partitionNames(database, 'many');
  expect(names).toHaveLength(500);

  const proxy = await startProxy(lake().metastore);
  const through = new Metastore({ uris: [`thrift://127.0.0.1:${proxy.port}`] });
  try {
    await expect(through.partitionsByNames(database, 'many', names)).resolves.toHaveLength(500);
    const answer = proxy.takeAnswers();
    const body = 8 + answer.readInt32BE(4) + 4;
    const { value, end } = decodeStruct(methods.getPartitionsByNames.answer, answer, body);
    expect(end).toBe(answer.length);
    expect(encodeStruct(methods.getPartitionsByNames.answer, value).equals(answer.subarray(body))).toBe(true);
  } finally {
    await through.close();
    await proxy.close();
  }
});
