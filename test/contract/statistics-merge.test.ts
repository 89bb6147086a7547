import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ColumnStatisticsObj } from '#shared/hive/metastore.ts';
import { parseUri } from '#shared/hive/metastore-options.ts';
import { ColumnStatisticsObj as Statistics, PartitionsStatsRequest } from '#shared/hive/statistics-structs.ts';
import { Client } from '#shared/hive/thrift/client.ts';
import { method, type Outcome } from '#shared/hive/thrift/message.ts';
import { list, struct, type Value } from '#shared/hive/thrift/types.ts';
import { putHour, statisticsOf } from '../support/footer-statistics.ts';
import { lake as addresses } from '../support/lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { database } = lake;
const { metastore } = lake.clients;
const first = 'year=2019/month=09/day=01/hour=01';
const second = 'year=2019/month=09/day=01/hour=02';

describe('the server merges partitions', () => {
  const client = new Client({
    servers: [parseUri(addresses().metastore)],
    connections: 1,
    connectMs: 5_000,
    framed: false,
    tls: undefined,
    maxAnswerBytes: 1_000_000,
  });
  afterAll(() => client.close());
  const AggrStats = struct('AggrStats', {
    colStats: [1, list(Statistics), 'required'],
    partsFound: [2, 'i64', 'required'],
  });
  const getAggregate = method(
    'reads',
    'get_aggr_stats_for',
    { request: [1, PartitionsStatsRequest] },
    AggrStats,
    'NoSuchObjectException',
    'MetaException',
  );
  const merged = (colNames: string[]): Promise<Outcome<Value<typeof AggrStats>>> => {
    const request = { dbName: database, tblName: 'many', colNames, partNames: [first, second], engine: 'hive' };
    return client.call(getAggregate, { request }, 10_000);
  };
  const set = (objects: ColumnStatisticsObj[]): Promise<void> =>
    metastore.setStatistics(database, 'many', new Map([first, second].map((name) => [name, objects])));
  const wide = [-(2n ** 63n), 2n ** 63n - 1n].map((big) => ({ whole: 3, big, real: big < 0n ? -1.7e308 : 1.7e308 }));

  beforeAll(async () => {
    await putHour(lake, 'many', '01', [parquetBytes({ whole: 'int', big: 'bigint', real: 'double' }, wide)]);
    await putHour(lake, 'many', '02', [parquetBytes({ whole: 'int', big: 'bigint', real: 'double' }, [{ whole: 8 }])]);
    await lake.apply();
  });

  test('of ours', async () => {
    const all = [
      await statisticsOf(lake, 'many', [parquetBytes({ whole: 'int' }, [{ whole: 3 }, { whole: 4 }])]),
      await statisticsOf(lake, 'many', [parquetBytes({ whole: 'int' }, [{ whole: 8 }])]),
    ] as const;
    await metastore.setStatistics(
      database,
      'many',
      new Map([
        [first, all[0]],
        [second, all[1]],
      ]),
    );
    const { colStats, partsFound } = valueOf(await merged(['whole', 'big', 'real']));
    expect(partsFound).toBe(2n);
    expect(colStats.find(({ colName }) => colName === 'whole')).toMatchObject({
      statsData: { longStats: { lowValue: 3n, highValue: 8n, numNulls: 0n } },
    });
    expect(colStats.find(({ colName }) => colName === 'big')?.statsData.longStats).toMatchObject({ numNulls: 3n });
  });

  test('and fails by 0 distinct values, and by bounds too far apart: ours have neither', async () => {
    const bounds = { numNulls: 0n, numDVs: 2n };
    const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n];
    const big = { colName: 'big', colType: 'bigint' };
    const real = { colName: 'real', colType: 'double' };
    const poison: ColumnStatisticsObj[] = [
      { ...big, statsData: { longStats: { lowValue: 1n, highValue: 2n, numNulls: 0n, numDVs: 0n } } },
      { ...big, statsData: { longStats: { lowValue: low, highValue: high, ...bounds } } },
      { ...real, statsData: { doubleStats: { lowValue: -1.7e308, highValue: 1.7e308, ...bounds } } },
    ];
    for (const object of poison) {
      await set([object]);
      expect(await merged([object.colName])).toMatchObject({ exception: 'MetaException' });
    }
    const ours = await statisticsOf(lake, 'many', [
      parquetBytes({ whole: 'int', big: 'bigint', real: 'double' }, wide),
    ]);
    expect(ours.map(({ colName }) => colName)).toEqual(['whole']);
  });
});

function valueOf<R>(outcome: Outcome<R>): R {
  if ('exception' in outcome) throw new Error(outcome.message);
  return outcome.value;
}
