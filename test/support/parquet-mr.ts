import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll } from '@jest/globals';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { classPathOf } from './java-program.ts';

/** How parquet-mr shall write a file. Checksums of pages and page indexes are always there. */
export interface WriteOptions {
  readonly codec?: 'SNAPPY' | 'GZIP' | 'ZSTD' | 'UNCOMPRESSED' | 'LZ4_RAW';
  /** Data pages of version 2, with DELTA encodings. */
  readonly v2?: boolean;
  readonly dictionary?: boolean;
  readonly dictionaryBytes?: number;
  readonly byteStreamSplit?: boolean;
  readonly pageRows?: number;
  readonly groupBytes?: number;
  /** Columns with a bloom filter and so without a dictionary, by their dotted paths. */
  readonly blooms?: readonly string[];
}

/**
 * What rows look like: as Avro's JSON encoding with its schema, as Kafka Connect has them written; or by a Parquet schema,
 * group for group, INT64 as text, floating numbers as the hex digits of their bits, and all binary types as hex digits.
 */
export type RowsToWrite =
  | { readonly avro: object; readonly rows: readonly object[] }
  | { readonly message: string; readonly rows: readonly object[] };

/** Rows of which a column lies between two values, both included; written as in `RowsToWrite`. */
export interface Between {
  readonly column: string;
  readonly from: number | string;
  readonly to: number | string;
}

/** What parquet-mr reads in a file. */
export interface ReadAnswer {
  readonly schema: string;
  /** Rows of each row group. */
  readonly groups: readonly number[];
  /** Each row as JSON text, in the way of the Parquet schema. */
  readonly rows: readonly string[];
}

/** parquet-mr in a process of its own. Paths are of this machine, or begin with `hdfs://`. Every job throws with Java's own words. */
export interface ParquetMr {
  /** Writes a new file. */
  write(path: string, rows: RowsToWrite, options?: WriteOptions): Promise<void>;
  read(path: string): Promise<ReadAnswer>;
  /** The rows as Avro reads them by the Avro schema in the footer. */
  readAvro(path: string): Promise<readonly string[]>;
  /** Opens a file and reads its first row. */
  begin(path: string): Promise<string>;
  /** The other rows of a file that was begun, however it looks by now. */
  finish(path: string): Promise<readonly string[]>;
  /** The rows that each filter finds, and how many rows statistics, dictionaries, bloom filters and page indexes left over for it. */
  find(path: string, filters: readonly Between[]): Promise<readonly { rows: readonly string[]; left: number }[]>;
  /** The rows that each split of so many bytes reads. */
  splits(path: string, bytes: number): Promise<readonly number[]>;
  /** How many bloom filters there are, how many values of their chunks they were asked for, and the columns where they denied one. */
  blooms(path: string): Promise<{ filters: number; asked: number; denied: readonly string[] }>;
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts parquet-mr before the tests of a file and ends it after them. */
export function useParquetMr(): ParquetMr {
  const waiting: Waiting[] = [];
  let java: ChildProcessWithoutNullStreams | undefined;
  let log = '';

  beforeAll(async () => {
    const classPath = await classPathOf(['parquet', 'hdfs'], 'ParquetMr.java');
    const flags = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Duser.timezone=UTC'];
    java = spawn(javaTool('java'), [...flags, '-cp', classPath, 'ParquetMr'], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LC_ALL: 'C.UTF-8', HADOOP_USER_NAME: superuser },
    });
    java.stderr.on('data', (text: Buffer) => (log = `${log}${text.toString()}`.slice(-4_000)));
    createInterface({ input: java.stdout }).on('line', (line) => {
      const { answer, error } = JSON.parse(line) as { answer?: never; error?: string };
      const { resolve, reject } = waiting.shift() as Waiting;
      if (error === undefined) resolve(answer as never);
      else reject(new Error(error));
    });
    java.on('close', (code) => {
      for (const { reject } of waiting.splice(0)) reject(new Error(`parquet-mr ended with ${code}: ${log}`));
    });
    // What it has not taken by its end is told by `close`.
    java.stdin.on('error', () => {});
  });
  afterAll(() => void java?.stdin.end());

  const ask = <Answer>(job: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (java === undefined || java.exitCode !== null) return reject(new Error(`parquet-mr does not run: ${log}`));
      waiting.push({ resolve, reject });
      java.stdin.write(`${JSON.stringify(job)}\n`);
    });
  return {
    write: async (path, rows, options = {}) => void (await ask({ job: 'write', path, ...rows, ...options })),
    read: (path) => ask({ job: 'read', path }),
    readAvro: (path) => ask({ job: 'readAvro', path }),
    begin: (path) => ask({ job: 'begin', path }),
    finish: (path) => ask({ job: 'finish', path }),
    find: (path, filters) => ask({ job: 'find', path, filters }),
    splits: (path, bytes) => ask({ job: 'splits', path, bytes }),
    blooms: (path) => ask({ job: 'blooms', path }),
  };
}
