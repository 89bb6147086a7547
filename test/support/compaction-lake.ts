import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { Announce } from '#functions/partition-compaction/announce.ts';
import type { CommitTools } from '#functions/partition-compaction/commit-tools.ts';
import { type Settings, settingsSchema } from '#functions/partition-compaction/config.ts';
import type { Request, Scope } from '#functions/partition-compaction/doorbell.ts';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import {
  applyRun,
  planRun,
  type RunOutcome,
  type RunPlan,
  type RunTools,
} from '#functions/partition-compaction/run.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import type { CreateOptions, WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { lake } from './lake.ts';
import { readRows } from './read-rows.ts';

/** A golden zone of its own on the lake of the test run, with partition-compaction at work on it. */
export interface CompactionLake {
  readonly root: string;
  readonly hdfs: WebHdfs;
  readonly settings: Settings;
  /** Events that were sent, in order. */
  readonly events: CloudEventOut[];
  /** Writes a file at a path below the root; what lies there is an hour old and closed. */
  put(path: string, bytes: Uint8Array, options?: CreateOptions): Promise<void>;
  /** Settings, clients and the rest of a run, with changes. */
  tools(more?: Partial<RunTools>, settings?: Record<string, unknown>): RunTools;
  plan(scope?: Scope, tools?: RunTools): Promise<RunPlan>;
  apply(scope?: Scope, tools?: RunTools): Promise<RunOutcome>;
  undoTools(hdfs?: WebHdfs): CommitTools;
  /** What a query engine sees in a folder below the root: its files by name, without hidden ones. */
  visible(folder: string): Promise<FileStatus[]>;
  /** The names of the hidden files there. */
  hidden(folder: string): Promise<string[]>;
  /** All rows that a reader finds there, in no order. @throws what the reader throws */
  rows(folder: string): Promise<string[]>;
}

/** Asks for every folder. */
export const everything: Scope = { kind: 'full' };

/** Prepares a golden zone for the tests of a file and removes it after them; or works on the one at `root`. */
export function useCompactionLake(more: Record<string, unknown> & { readonly root?: string } = {}): CompactionLake {
  const name = `compaction_${randomBytes(6).toString('hex')}`;
  const { webhdfs, defaultFs } = lake();
  const root = more.root ?? `/${name}/golden`;
  const written = {
    root,
    quietSeconds: 0,
    latePartitions: 0,
    acceptShortAnswers: true,
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
    ...more,
  };
  const settings = settingsSchema.parse(written);
  const hdfs = createHdfs(settings.hdfs);
  const events: CloudEventOut[] = [];
  const emit = async (event: CloudEventOut): Promise<void> => void events.push(event);
  const tools = (changed: Partial<RunTools> = {}, changedSettings: Record<string, unknown> = {}): RunTools => ({
    hdfs,
    reader: new PieceReader(changed.hdfs ?? hdfs),
    settings: settingsSchema.parse({ ...written, ...changedSettings }),
    owner: 'test',
    announce: new Announce(emit, 'test', defaultFs),
    now: new Date(),
    ...changed,
  });
  const request = (scope: Scope): Request => ({ scope, dryRun: false, problems: [] });
  const list = async (folder: string, isWanted: (name: string) => boolean): Promise<FileStatus[]> => {
    const found: FileStatus[] = [];
    for await (const status of hdfs.list(`${root}/${folder}`)) if (isWanted(status.name)) found.push(status);
    return found;
  };
  const visible = (folder: string): Promise<FileStatus[]> => list(folder, (file) => !isHiddenName(file));

  beforeAll(() => hdfs.mkdirs(root));
  afterAll(async () => {
    await hdfs.remove(`/${name}`, { recursive: true });
    hdfs.close();
  });

  return {
    root,
    hdfs,
    settings,
    events,
    async put(path, bytes, options = {}) {
      await hdfs.create(`${root}/${path}`, bytes, { overwrite: true, ...options });
      await hdfs.setTimes(`${root}/${path}`, { modificationTime: Date.now() - 3_600_000 });
    },
    tools,
    plan: (scope = everything, of = tools()) => planRun(request(scope), of),
    apply: (scope = everything, of = tools()) => applyRun(request(scope), of),
    undoTools: (client = hdfs) => ({
      hdfs: client,
      reader: new PieceReader(client),
      owner: 'test',
      leaseSeconds: settings.leaseSeconds,
      concurrency: settings.concurrency,
      verifyPieces: true,
      onMerged: async () => {},
      onRewritten: async () => {},
      onFault: () => {},
    }),
    visible,
    hidden: async (folder) => (await list(folder, isHiddenName)).map((file) => file.name),
    async rows(folder) {
      const rows: string[] = [];
      for (const { path, length } of await visible(folder)) {
        const found = await readRows(await hdfs.read(path, 0, length));
        rows.push(
          ...found.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))),
        );
      }
      return rows.toSorted();
    },
  };
}
