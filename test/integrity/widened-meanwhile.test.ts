import { afterAll, expect, test } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { applyRun, type RunOutcome } from '#functions/metastore-sync/run.ts';
import { Metastore } from '#shared/hive/metastore.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const others: Awaited<ReturnType<typeof createClients>>[] = [];
afterAll(() => Promise.all(others.map(({ metastore }) => metastore.close())));

const hour = (topic: string, number: number): string => `${topic}/2019/09/01/0${number}/data.parquet`;
const int = parquet({ id: 'int' }, [{ id: 1 }]);
const bigint = parquet({ id: 'bigint' }, [{ id: 2n }]);

/** A run of another instance, which looks at the hour of one file. */
async function runFor(path: string, meddle: (metastore: Metastore) => void = () => {}): Promise<RunOutcome> {
  const clients = createClients(lake.settings);
  others.push(clients);
  meddle(clients.metastore);
  const scope = { kind: 'paths', paths: [`${lake.root}/${path}`] } as const;
  return await applyRun({ scope, dryRun: false, problems: [] }, lake.tools({ clients }));
}

async function columnTypes(topic: string): Promise<unknown> {
  const { metastore } = lake.clients;
  const names = await metastore.partitionNames(lake.database, topic);
  const bodies = await metastore.partitionsByNames(lake.database, topic, names);
  return bodies.map(({ sd }) => sd?.cols?.map(({ type }) => type).join());
}

test('a partition that is added with the old columns while another run widens the table gets the new ones', async () => {
  await lake.put(hour('late', 0), int);
  await runFor(hour('late', 0));
  await lake.put(hour('late', 1), int);
  await lake.put(hour('late', 2), bigint);
  const outcome = await runFor(hour('late', 1), (metastore) => {
    const add = metastore.addPartitions.bind(metastore);
    metastore.addPartitions = async (...args) => {
      await runFor(hour('late', 2));
      return await add(...args);
    };
  });
  expect(problemsOf(outcome)).toEqual([]);
  expect(await columnTypes('late')).toEqual(['bigint', 'bigint', 'bigint']);
  expect(await lake.ids('late')).toEqual([1, 1, 2]);
});

test('a partition that the metastore adds while it widens the others is found by the run that widens', async () => {
  await lake.put(hour('early', 0), int);
  await runFor(hour('early', 0));
  const [old] = await lake.clients.metastore.partitionsByNames(lake.database, 'early', [
    'year=2019/month=09/day=01/hour=00',
  ]);
  if (old === undefined) throw new Error('no partition');
  await lake.put(hour('early', 1), int);
  await lake.put(hour('early', 2), bigint);
  const outcome = await runFor(hour('early', 2), (metastore) => {
    const alter = metastore.alterTable.bind(metastore);
    metastore.alterTable = async (database, table, to, options) => {
      await alter(database, table, to, options);
      if (options?.cascade !== true) return;
      const location = old.sd?.location?.replace(/00$/, '01');
      const stale = { ...old, values: ['2019', '09', '01', '01'], sd: { ...old.sd, location } };
      await lake.clients.metastore.addPartitions(database, table, [stale]);
    };
  });
  expect(problemsOf(outcome)).toEqual([]);
  expect(await columnTypes('early')).toEqual(['bigint', 'bigint', 'bigint']);
  expect(await lake.ids('early')).toEqual([1, 1, 2]);
});
