import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { applyRun, type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import { asError } from '#shared/errors/error.ts';
import { parquetBytes as parquet } from './parquet-file.ts';
import { type SyncLake, useSyncLake } from './sync-lake.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** What lies in a topic when a disturbed run begins; together the two make every call that a sync makes. */
export type Story = 'fresh' | 'growing';

/** A lake whose services can be disturbed while metastore-sync works on it. */
export interface DisturbedSync {
  readonly lake: SyncLake;
  readonly proxies: { metastore: TcpProxy; namenode: TcpProxy };
  /** Makes a topic: `fresh` has no table yet, the table of `growing` has to get columns and partitions. */
  prepare(story: Story): Promise<string>;
  /** A whole walk by a process of its own, with deadlines of a second, whose services stand behind the proxies. */
  run(...topics: string[]): Promise<RunOutcome>;
  /** Expects that the disturbed run ends done all the same, or in part, or by an error after which it is tried again. */
  expectRetryable(topic: string): Promise<void>;
  /** Expects that an undisturbed run ends in the right table with each partition once, and that one more has nothing to do. */
  expectWhole(story: Story, topic: string): Promise<void>;
}

const hours = ['00', '01', '02', '03', '04'];
const narrow = parquet({ id: 'int' }, [{ id: 1 }]);
const wide = parquet({ id: 'bigint', extra: 'string' }, [{ id: 5_000_000_000n, extra: 'x' }]);
const ends = {
  fresh: { columns: ['id int'], ids: [1, 1, 1, 1, 1] },
  growing: {
    columns: ['id bigint', 'extra string'],
    ids: [1, 1, 1, ...Array.from({ length: 5 }, () => 5_000_000_000)],
  },
};

/** Prepares a lake with proxies before its metastore and its NameNode for the tests of a file. */
export function useDisturbedSync(): DisturbedSync {
  const lake = useSyncLake({ partitionsPerCall: 2 });
  const { database } = lake;
  const proxies = {} as DisturbedSync['proxies'];
  beforeAll(async () => {
    proxies.metastore = await startTcpProxy(lake.settings.metastore.uris[0] as string);
    proxies.namenode = await startTcpProxy(lake.settings.hdfs.addresses[0] as string);
  });
  afterEach(() => {
    for (const proxy of Object.values(proxies)) proxy.judge = () => 'pass';
  });
  afterAll(async () => {
    await proxies.metastore.close();
    await proxies.namenode.close();
  });

  let topics = 0;
  const put = (topic: string, hour: string, name: string, bytes: Uint8Array): Promise<void> =>
    lake.put(`${topic}/2019/09/01/${hour}/${name}.parquet`, bytes);
  const walk = (topic: string): Promise<RunOutcome> => lake.apply({ kind: 'full', topics: [topic] });
  const run = async (...names: string[]): Promise<RunOutcome> => {
    const settings = {
      ...lake.settings,
      hdfs: {
        ...lake.settings.hdfs,
        addresses: [`http://127.0.0.1:${proxies.namenode.port}`],
        deadlineSeconds: 1,
      },
      metastore: {
        ...lake.settings.metastore,
        uris: [`thrift://127.0.0.1:${proxies.metastore.port}`],
        deadlineSeconds: 1,
        cascadeDeadlineSeconds: 1,
      },
    };
    const clients = createClients(settings);
    const request = { scope: { kind: 'full' as const, topics: names }, dryRun: false, problems: [] };
    try {
      return await applyRun(request, lake.tools({ settings, clients }));
    } finally {
      await clients.metastore.close();
      clients.hdfs.close();
    }
  };

  return {
    lake,
    proxies,
    run,
    async prepare(story) {
      const topic = `topic_${(topics += 1)}`;
      for (const hour of story === 'fresh' ? hours : hours.slice(0, 3)) await put(topic, hour, 'a', narrow);
      if (story === 'growing') {
        await walk(topic);
        for (const hour of hours) await put(topic, hour, 'b', wide);
      }
      return topic;
    },
    async expectRetryable(topic) {
      const end = await run(topic).then(statusOf, (error: unknown) => asError(error).disposition);
      expect(['done', 'partial', 'retry']).toContain(end);
    },
    async expectWhole(story, topic) {
      expect((await walk(topic)).tables).toMatchObject([{ problems: [] }]);
      const table = await lake.clients.metastore.table(database, topic);
      expect(table?.sd?.cols?.map(({ name, type }) => `${name} ${type}`)).toEqual(ends[story].columns);
      const names = await lake.clients.metastore.partitionNames(database, topic);
      expect(names.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
        hours.map((hour) => `year=2019/month=09/day=01/hour=${hour}`),
      );
      expect(await lake.ids(topic)).toEqual(ends[story].ids);
      expect(statusOf(await walk(topic))).toBe('nothing');
    },
  };
}
