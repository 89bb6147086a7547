import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import type { Scope } from '#functions/metastore-sync/doorbell.ts';
import { applyRun, type RunOutcome } from '#functions/metastore-sync/run.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import { superuser, type LakeAddresses } from '#lake-in-a-box/addresses.ts';
import { resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { HiveServer } from '#shared/hive/hiveserver.ts';
import { parquetBytes as parquet } from '../test/support/parquet-file.ts';

type Addresses = Required<Pick<LakeAddresses, 'folder' | 'webhdfs' | 'defaultFs' | 'metastore' | 'hiveserver'>>;

/** The columns of the files, as Hive writes them. */
const columns = { id: 'bigint', url: 'string', at: 'timestamp', price: 'decimal(9,2)' };
const keys = ['year', 'month', 'day', 'hour'];

/** The partitions of a sync, and how long its parts took. */
export interface SyncRun {
  readonly outcome: RunOutcome;
  /** Milliseconds in all. */
  readonly total: number;
  /** Milliseconds from the end of the look (folders, files, footers) to the end. */
  readonly applying: number;
}

/** A running lake with what benchmarks do on it. */
export class BenchLake {
  readonly addresses: Addresses;
  readonly clients: Clients;
  readonly #hive: HiveServer;
  readonly #zones = new Map<string, Promise<string>>();
  #databases = 0;

  constructor(addresses: LakeAddresses) {
    this.addresses = addresses as Addresses;
    this.clients = createClients(this.settings('/', 'default'));
    this.#hive = new HiveServer({ url: this.addresses.hiveserver, user: 'hive', deadlineMs: 900_000 });
  }

  /** Settings of metastore-sync for a root and a database; key=value folders, which MSCK can read, too. */
  settings(root: string, database: string, more: Record<string, unknown> = {}) {
    const { webhdfs, defaultFs, metastore } = this.addresses;
    return settingsSchema.parse({
      ...this.writtenSettings(root, database),
      ...more,
      hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
      metastore: { uris: [metastore], user: superuser, ...(more['metastore'] as object) },
    });
  }

  /** The same as people write them. */
  writtenSettings(root: string, database: string): Record<string, unknown> {
    const { webhdfs, defaultFs, metastore } = this.addresses;
    return {
      root,
      database,
      templates: [keys.map((key) => `${key}={${key}}`).join('/')],
      hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
      metastore: { uris: [metastore], user: superuser },
    };
  }

  /** A root with one topic, `clicks`, of so many hours, each a folder with one small Parquet file; made once. */
  async zone(partitions: number): Promise<string> {
    const root = `/bench-${partitions}/golden`;
    const made =
      this.#zones.get(root) ??
      this.put(hours(partitions).map((hour) => `${root}/clicks/${hour}/data.snappy.parquet`)).then(() => root);
    this.#zones.set(root, made);
    return await made;
  }

  /** Writes the same file to each path; a small one of one row when none is given. */
  async put(paths: readonly string[], file = this.#smallFile()): Promise<void> {
    const jars = await resolveJars('hdfs', () => {}, new AbortController().signal);
    const classPath = [join(this.addresses.folder, 'conf', 'hdfs'), ...jars].join(':');
    const args = ['-cp', classPath, join(import.meta.dirname, 'PutFiles.java'), file];
    const java = spawn(javaTool('java'), args, { stdio: ['pipe', 'ignore', 'inherit'] });
    java.stdin.end(paths.join('\n'));
    const [code] = (await once(java, 'close')) as [number | null];
    if (code !== 0) throw new Error(`writing ${paths.length} files ended with ${code}`);
  }

  #smallFile(): string {
    const file = join(this.addresses.folder, 'tmp', 'bench.parquet');
    writeFileSync(file, parquet(columns, [{ id: 1n, url: '/a', at: new Date(0), price: 1.25 }]));
    return file;
  }

  /** An empty database of its own. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `bench_${process.pid}_${this.#databases}`;
    await this.clients.metastore.createDatabase({ name });
    return name;
  }

  /** Runs metastore-sync in this process. */
  async sync(root: string, database: string, scope: Scope, more: Record<string, unknown> = {}): Promise<SyncRun> {
    const settings = this.settings(root, database, more);
    const clients = createClients(settings);
    const announce = new Announce(() => Promise.resolve(), 'bench', settings.hdfs.defaultFs);
    const began = performance.now();
    let planned = began;
    try {
      const outcome = await applyRun(
        { scope, dryRun: false, problems: [] },
        {
          clients,
          settings,
          announce,
          now: new Date(),
          onProgress: ({ step }) => {
            if (step === 'planned') planned = performance.now();
          },
        },
      );
      const end = performance.now();
      return { outcome, total: end - began, applying: end - planned };
    } finally {
      await clients.metastore.close();
      clients.hdfs.close();
    }
  }

  /** A table for MSCK on the same files; its name. */
  async hiveTable(root: string, database: string): Promise<string> {
    const name = `${database}.clicks`;
    const list = (entries: readonly (readonly [string, string])[]) =>
      entries.map((entry) => entry.join(' ')).join(', ');
    await this.hive(
      `CREATE EXTERNAL TABLE ${name} (${list(Object.entries(columns))}) PARTITIONED BY (${list(keys.map((key) => [key, 'string']))}) STORED AS PARQUET LOCATION '${this.addresses.defaultFs}${root}/clicks'`,
    );
    return name;
  }

  /** Has Hive run a statement. */
  async hive(statement: string): Promise<void> {
    await this.#hive.execute(statement);
  }

  /** Throws unless the table has so many partitions: a fast run that did not do the work is no run. */
  async expectPartitions(database: string, count: number): Promise<void> {
    const names = await this.clients.metastore.partitionNames(database, 'clicks');
    if (names.length !== count)
      throw new Error(`${database}.clicks has ${names.length} partitions instead of ${count}`);
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#hive.close(), this.clients.metastore.close()]);
    this.clients.hdfs.close();
  }
}

/** The folders of so many hours from the first hour of 2015 on. */
export function hours(count: number): string[] {
  const first = Date.UTC(2015, 0, 1);
  return Array.from({ length: count }, (_, hour) => {
    const parts = new Date(first + hour * 3_600_000).toISOString().split(/[-T:]/);
    return keys.map((key, index) => `${key}=${parts[index]}`).join('/');
  });
}
