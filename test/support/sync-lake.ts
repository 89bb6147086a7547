import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { type Settings, settingsSchema } from '#functions/metastore-sync/config.ts';
import type { Request, Scope } from '#functions/metastore-sync/doorbell.ts';
import type { Plan } from '#functions/metastore-sync/plan.ts';
import type { Problem } from '#functions/metastore-sync/problem.ts';
import { applyRun, planRun, type RunOutcome, type RunTools } from '#functions/metastore-sync/run.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { HiveServer } from '#shared/hive/hiveserver.ts';
import type { Row } from '#shared/hive/hiveserver-rows.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { lake } from './lake.ts';

/** A golden zone and a database of its own on the lake of the test run, with metastore-sync at work on them. */
export interface SyncLake {
  readonly settings: Settings;
  readonly clients: Clients;
  readonly root: string;
  readonly database: string;
  /** Events that were sent, in order. */
  readonly events: CloudEventOut[];
  /** Writes a file at a path below the root. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  plan(scope?: Scope): Promise<Plan>;
  apply(scope?: Scope): Promise<RunOutcome>;
  /** Runs with other settings or clients. */
  tools(more?: Partial<RunTools>): RunTools;
  /** Asks Hive, in this database. What counts or sorts costs it five times as much as what only reads. */
  sql(query: string): Promise<readonly Row[]>;
  /** What Hive reads, sorted here by a column. */
  sorted(query: string, by: string): Promise<readonly Row[]>;
  /** The ids of a table's rows as Hive reads them, sorted here; a condition may follow the name. */
  ids(table: string): Promise<number[]>;
}

/** The problems of a run, of tables and beside them. */
export function problemsOf(outcome: RunOutcome | Plan): Problem[] {
  return [...outcome.problems, ...outcome.tables.flatMap((table) => table.problems)];
}

/** Asks for every folder. */
export const everything: Scope = { kind: 'full' };

/** Where metastore-sync shall work. */
export interface SyncPlace {
  readonly webhdfs: string;
  readonly defaultFs: string;
  readonly metastore: string;
  readonly hiveserver?: string;
}

/** Orders two values of a column, of one type. */
function compare(one: unknown, other: unknown): number {
  const [a, b] = [one as bigint, other as bigint];
  return a < b ? -1 : Number(a > b);
}

/** Prepares a golden zone for the tests of a file and removes it after them; on the lake of the test run unless said. */
export function useSyncLake(more: Record<string, unknown> = {}, place: SyncPlace = lake()): SyncLake {
  const name = `sync_${randomBytes(6).toString('hex')}`;
  const { webhdfs, defaultFs, metastore, hiveserver } = place;
  const root = `/${name}/golden`;
  const settings = settingsSchema.parse({
    root,
    database: name,
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
    metastore: { uris: [metastore], user: superuser },
    ...more,
  });
  const clients = createClients(settings);
  const hive = hiveserver === undefined ? undefined : new HiveServer({ url: hiveserver, user: 'hive' });
  const events: CloudEventOut[] = [];
  const emit = async (event: CloudEventOut): Promise<void> => void events.push(event);
  const sql = async (query: string): Promise<readonly Row[]> => {
    if (hive === undefined) throw new Error('this lake has no HiveServer2');
    // Hive names the table with the database, so one session can serve every test file's own database.
    return await hive.query(query.replaceAll('DB.', `${name}.`));
  };
  const tools = (changed: Partial<RunTools> = {}): RunTools => ({
    clients,
    settings,
    announce: new Announce(emit, 'test', defaultFs),
    now: new Date(),
    ...changed,
  });
  const request = (scope: Scope): Request => ({ scope, dryRun: false, problems: [] });

  beforeAll(async () => {
    await clients.hdfs.mkdirs(root);
    await clients.metastore.createDatabase({ name });
  });
  afterAll(async () => {
    try {
      for (const table of await clients.metastore.tables(name)) await clients.metastore.dropTable(name, table);
      await clients.metastore.dropDatabase(name);
      await clients.hdfs.remove(`/${name}`, { recursive: true });
    } finally {
      await Promise.all([hive?.close(), clients.metastore.close()]);
      clients.hdfs.close();
    }
  });

  return {
    settings,
    clients,
    root,
    database: name,
    events,
    tools,
    put: (path, bytes) => clients.hdfs.create(`${root}/${path}`, bytes, { overwrite: true }),
    plan: (scope = everything) => planRun(request(scope), tools()),
    apply: (scope = everything) => applyRun(request(scope), tools()),
    sql,
    sorted: async (query, by) => (await sql(query)).toSorted((a, b) => compare(a[by], b[by])),
    ids: async (table) =>
      (await sql(`SELECT id FROM DB.${table}`)).map(({ id }) => Number(id)).toSorted((a, b) => a - b),
  };
}
