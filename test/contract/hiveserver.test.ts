import { afterAll, describe, expect, test } from '@jest/globals';

import { HiveServer } from '#shared/hive/hiveserver.ts';
import { lake } from '../support/lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { startProxy } from './metastore-support.ts';

const golden = useSyncLake();
const hive = new HiveServer({ url: lake().hiveserver, deadlineMs: 120_000 });
afterAll(() => hive.close());

describe('a statement', () => {
  test('gives its rows, with types that lose nothing', async () => {
    const sql = `select 1 one, cast(9007199254740993 as bigint) big, cast(1.10 as decimal(9,2)) price, 'ä' text,
      cast(null as int) nothing, cast('2019-09-01 01:02:03.004' as timestamp) moment, cast('2019-09-01' as date) day,
      true yes, cast(0.5 as double) half, array(1, 2) list`;
    await expect(hive.query(sql)).resolves.toEqual([
      {
        one: 1,
        big: 9007199254740993n,
        price: '1.10',
        text: 'ä',
        nothing: null,
        moment: '2019-09-01 01:02:03.004',
        day: '2019-09-01',
        yes: true,
        half: 0.5,
        list: '[1,2]',
      },
    ]);
  });

  test('gives many rows in their order, and no more than allowed', async () => {
    const sql = `select pos from (select posexplode(split(repeat('x,', 2499), ',')) as (pos, val)) t`;
    const rows = await hive.query(sql);
    expect(rows.map((row) => row['pos'])).toEqual(Array.from({ length: 2500 }, (_, index) => index));
    await expect(hive.query(sql, { maxRows: 100 })).rejects.toMatchObject({ code: 'limit.exceeded' });
  });

  test('without rows gives none', async () => {
    await expect(hive.execute('create database if not exists hive_contract')).resolves.toBeUndefined();
    await expect(hive.query(`show tables in hive_contract`)).resolves.toEqual([]);
    await expect(hive.query('drop database hive_contract')).resolves.toEqual([]);
  });

  test("that is wrong fails with Hive's reason", async () => {
    await expect(hive.query('select no_such_column from no_such_table')).rejects.toMatchObject({
      code: 'hive.failed',
      message: expect.stringContaining('no_such_table'),
    });
    await expect(hive.query('selec 1')).rejects.toMatchObject({ code: 'hive.failed', details: { errorCode: 40000 } });
    await expect(hive.query('select 1 one')).resolves.toEqual([{ one: 1 }]);
  });

  test('that takes too long ends at its deadline; the next one runs', async () => {
    const slow = new HiveServer({ url: lake().hiveserver, deadlineMs: 120_000 });
    const sleep = `select java_method('java.lang.Thread', 'sleep', cast(60000 as bigint))`;
    await expect(slow.query(sleep, { deadlineMs: 1500 })).rejects.toMatchObject({ code: 'deadline.exceeded' });
    await expect(slow.query('select 2 two')).resolves.toEqual([{ two: 2 }]);
    await slow.close();
  });

  test('may run beside others', async () => {
    const results = await Promise.all([1, 2, 3, 4].map((number) => hive.query(`select ${number} n`)));
    expect(results).toEqual([1, 2, 3, 4].map((n) => [{ n }]));
  });

  test('whose connection is dropped fails at once; the next one runs', async () => {
    const proxy = await startProxy(lake().hiveserver);
    const through = new HiveServer({ url: `hive2://127.0.0.1:${proxy.port}`, deadlineMs: 120_000 });
    try {
      await through.query('select 1 one');
      proxy.cutAt('ExecuteStatement');
      await expect(through.query('select 1 one')).rejects.toMatchObject({ code: 'hive.unavailable' });
      proxy.cutAt(undefined);
      await expect(through.query('select 2 two')).resolves.toEqual([{ two: 2 }]);
    } finally {
      await through.close();
      await proxy.close();
    }
  });

  test('under way is rejected when the client closes', async () => {
    const closing = new HiveServer({ url: lake().hiveserver, deadlineMs: 120_000 });
    await closing.query('select 1 one');
    const under = expect(closing.query('select 2 two')).rejects.toMatchObject({ code: 'hive.unavailable' });
    await closing.close();
    await under;
  });
});

describe('sessions that work at once', () => {
  test('each read their own rows only, and all of them', async () => {
    const numbers = [1, 2, 3];
    const rows = (number: number): { id: number }[] => Array.from({ length: number }, (_, id) => ({ id }));
    for (const number of numbers)
      for (const part of ['a', 'b'])
        await golden.put(`topic${number}/2019/09/01/00/${part}.parquet`, parquetBytes({ id: 'int' }, rows(number)));
    await golden.apply();
    const count = async (number: number): Promise<unknown> => {
      const session = new HiveServer({ url: lake().hiveserver, deadlineMs: 120_000 });
      try {
        const query = (): Promise<unknown> => session.query(`select count(*) n from ${golden.database}.topic${number}`);
        return [await query(), await query()];
      } finally {
        await session.close();
      }
    };
    const answers = await Promise.all(numbers.map(count));
    expect(answers).toEqual(numbers.map((number) => [[{ n: BigInt(2 * number) }], [{ n: BigInt(2 * number) }]]));
  });
});
