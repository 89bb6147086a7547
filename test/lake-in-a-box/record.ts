import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LakeAddresses } from './addresses.ts';
import type { Ports } from './ports.ts';
import type { Launched } from './launch.ts';

/** What a lake can be made of. */
export const partNames = [
  'hdfs',
  'standby',
  'postgres',
  'metastore',
  'metastore31',
  'metastoreHttp',
  'metastoreDerby',
  'hiveserver',
  'kafka',
  'connect',
  'registry',
  'flink',
] as const;

/** A part of a lake. */
export type PartName = (typeof partNames)[number];

/** The processes of a lake, in the order in which they are stopped: users before what they use. */
export const processNames = [
  'flink',
  'registry',
  'connect',
  'hiveserver',
  'kafka',
  'metastoreDerby',
  'metastoreHttp',
  'metastore31',
  'metastore',
  'postgres',
  'datanode',
  'standby',
  'namenode',
] as const;

/** A process of a lake. */
export type ProcessName = (typeof processNames)[number];

/** A process as lake.json remembers it. */
export interface ProcessRecord extends Launched {
  readonly name: ProcessName;
  readonly part: PartName;
  /** Seconds from its start to its first right answer; absent until then. */
  startSeconds?: number;
}

/** The file lake.json: what was started where. It stays when the lake is stopped, for the ports of the next start. */
export interface LakeRecord {
  state: 'starting' | 'up';
  readonly parts: readonly PartName[];
  readonly ports: Ports;
  readonly addresses: LakeAddresses;
  /** The folder of PostgreSQL, which may have to lie outside the lake's. */
  readonly postgresFolder?: string;
  processes: ProcessRecord[];
  /** Seconds that the whole start took. */
  startSeconds?: number;
}

function recordFile(folder: string): string {
  return join(folder, 'lake.json');
}

/** Reads a lake's record, `undefined` when there is none or it is not readable as one. */
export function readRecord(folder: string): LakeRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(folder), 'utf8')) as LakeRecord;
  } catch {
    return undefined;
  }
}

/** Writes a lake's record, whole or not at all. */
export function writeRecord(folder: string, record: LakeRecord): void {
  mkdirSync(folder, { recursive: true });
  const file = recordFile(folder);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
