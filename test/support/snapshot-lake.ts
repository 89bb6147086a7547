import { afterAll, expect } from '@jest/globals';
import type { RunOutcome } from '#functions/metastore-sync/run.ts';
import { parquetBytes as parquet } from './parquet-file.ts';
import { type SyncLake, useSyncLake } from './sync-lake.ts';

/** A lake on which topics may have snapshots, and short ways to ask it. */
export interface SnapshotLake {
  readonly lake: SyncLake;
  /** Writes a file of one row. */
  readonly put: (path: string, id?: number) => Promise<void>;
  readonly allow: (topic: string) => Promise<void>;
  /** Has the topic's snapshots deleted after the tests. */
  readonly clean: (topic: string) => void;
  readonly snapshots: (topic: string) => Promise<string[]>;
  readonly forget: (topic: string, name: string) => Promise<void>;
  /** Looks for changes and applies them. */
  readonly look: (topic: string) => Promise<RunOutcome>;
  /** The table's cursor as it is stored. */
  readonly cursor: (topic: string) => Promise<string | undefined>;
  /** What the metastore says of an hour of 2019-09-01. */
  readonly numFiles: (topic: string, hour: string) => Promise<string | undefined>;
  /** Makes a topic with hours of 2019-09-01 that may have snapshots, and does a first run. */
  readonly settle: (topic: string, hours?: readonly string[]) => Promise<void>;
}

/** A Parquet file of one row. */
export function row(id: number): Uint8Array {
  return parquet({ id: 'int' }, [{ id }]);
}

/** Prepares a lake for the tests of a file and removes it, with its snapshots, after them. */
export function useSnapshotLake(more: Record<string, unknown> = {}): SnapshotLake {
  const topics: string[] = [];
  // Before the lake's own clean-up: HDFS removes no folder that has snapshots.
  afterAll(async () => {
    for (const topic of topics) for (const name of await own.snapshots(topic)) await own.forget(topic, name);
  });
  const lake = useSyncLake(more);
  const { root, database } = lake;
  const { hdfs, metastore } = lake.clients;
  const own: SnapshotLake = {
    lake,
    put: (path, id = 1) => lake.put(path, row(id)),
    clean: (topic) => void topics.push(topic),
    async allow(topic) {
      await hdfs.allowSnapshot(`${root}/${topic}`);
      topics.push(topic);
    },
    snapshots: (topic) => hdfs.snapshotList(`${root}/${topic}`),
    forget: (topic, name) => hdfs.deleteSnapshot(`${root}/${topic}`, name),
    look: (topic) => lake.apply({ kind: 'changes', topics: [topic] }),
    cursor: async (topic) => (await metastore.table(database, topic))?.parameters?.get('lakewarden.snapshot'),
    async numFiles(topic, hour) {
      const name = `year=2019/month=09/day=01/hour=${hour}`;
      const [body] = await metastore.partitionsByNames(database, topic, [name]);
      return body?.parameters?.get('numFiles');
    },
    async settle(topic, hours = ['00', '01']) {
      for (const hour of hours) await own.put(`${topic}/2019/09/01/${hour}/a.parquet`);
      await own.allow(topic);
      expect((await own.look(topic)).tables).toMatchObject([{ created: true, added: hours.length, way: 'walk' }]);
    },
  };
  return own;
}
