import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventHeaders, type FunctionProcess, type Received, startFunction } from './function-process.ts';
import type { SyncLake } from './sync-lake.ts';

/** Settings of metastore-sync for a lake's golden zone, as people write them. */
export function writtenSettings({ settings }: SyncLake, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { root, database, hdfs, metastore } = settings;
  return {
    root,
    database,
    hdfs: { addresses: hdfs.addresses, defaultFs: hdfs.defaultFs, user: hdfs.user },
    metastore: { uris: metastore.uris, user: metastore.user },
    ...more,
  };
}

/** Writes settings into a file of a folder and gives its path. */
export function writeSettings(folder: string, name: string, settings: unknown): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

/** Starts the packaged metastore-sync that lies in a folder as `npm start` does, without the half second of npm. */
export function startSync(folder: string, settingsFile: string, sink?: string): Promise<FunctionProcess> {
  const env = {
    LAKEWARDEN_CONFIG: settingsFile,
    K_SERVICE: 'metastore-sync',
    ...(sink === undefined ? {} : { K_SINK: sink }),
  };
  return startFunction({ entry: folder, cwd: folder, command: [process.execPath, 'index.cjs'], env });
}

/** Sends an event with data and asks for the outcome. */
export function ring(sync: FunctionProcess, type: string, data: unknown, id = '1'): Promise<Received> {
  const headers = {
    ...eventHeaders(type, { 'ce-id': id }),
    accept: 'application/json',
    'content-type': 'application/json',
  };
  return sync.send({ headers, body: typeof data === 'string' ? data : JSON.stringify(data) });
}
