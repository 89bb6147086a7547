import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { providePackages } from '../../test/engines/downloads.ts';
import { eventHeaders, startFunction } from '../../test/support/function-process.ts';
import { packageFunction } from '../../tools/package.ts';
import type { BenchLake } from '../bench-lake.ts';
import { usageOf } from '../measure.ts';

const run = promisify(execFile);
const packages = ['pyarrow==26.0.1', 'numpy==2.4.6'];
const root = '/bench-concat/golden';
const mostFiles = 5_000;

/** What one side used for one folder: milliseconds, MiB, bytes of data and footers that it wrote, and HDFS calls. */
export interface Used {
  readonly took: number;
  readonly memory: number;
  readonly bytes: number;
  /** Not counted for pyarrow. */
  readonly calls?: number;
}

/** Both sides of merging the small files of one partition; each call makes a partition of its own. */
export interface Merges {
  /** The packaged function, from event to answer. @throws Error unless it merged them all */
  readonly ours: (files: number, verifyPieces: boolean) => Promise<Used>;
  /** pyarrow, over WebHDFS. */
  readonly pyarrow: (files: number) => Promise<Used>;
  /** Makes a partition for others; its folder. */
  readonly partition: (files: number) => Promise<string>;
}

/** Makes the file that all partitions are made of, and bundles the function. */
export async function prepareMerges(lake: BenchLake, temp: string, tell: (line: string) => void): Promise<Merges> {
  const site = await providePackages(packages, tell, AbortSignal.timeout(1_800_000));
  const python = (script: string, ...args: string[]): Promise<{ stdout: string }> =>
    run('env', [`PYTHONPATH=${site}`, 'python3', join(import.meta.dirname, script), ...args]);
  const input = join(temp, 'input.parquet');
  await python('input.py', input);
  const { folder } = await packageFunction(
    join(import.meta.dirname, '../../functions/partition-compaction'),
    join(temp, 'compaction'),
  );

  let topics = 0;
  /** A topic with one partition of so many files. */
  const topic = async (files: number): Promise<string> => {
    topics += 1;
    const name = `clicks${topics}`;
    const paths = Array.from({ length: files }, (_, index) => `${root}/${name}/2019/09/01/00/part-${index}.parquet`);
    await lake.put(paths, input);
    // A folder of the last second may be written to still.
    await sleep(2_000);
    return name;
  };
  const ours = async (files: number, verifyPieces: boolean): Promise<Used> => {
    const name = await topic(files);
    const settings = join(temp, 'settings.json');
    writeFileSync(settings, JSON.stringify(settingsOf(lake, verifyPieces)));
    const started = await startFunction({
      entry: join(folder, 'index.cjs'),
      command: [process.execPath, '--max-semi-space-size=2', join(folder, 'index.cjs')],
      env: { LAKEWARDEN_CONFIG: settings, K_SERVICE: 'partition-compaction' },
    });
    try {
      const headers = {
        ...eventHeaders('dev.knative.sources.ping', { 'ce-id': name }),
        accept: 'application/json',
        'content-type': 'application/json',
      };
      const before = await written(lake, name);
      const began = performance.now();
      const { status, body } = await started.send({
        headers,
        body: JSON.stringify({ scope: 'full', topics: [name] }),
        limitMs: 600_000,
      });
      const took = performance.now() - began;
      const left = await lake.clients.hdfs.contentSummary(`${root}/${name}`);
      // A request of WebHDFS has room for some 700 names.
      if (status !== 200 || left.fileCount > Math.ceil(files / 500))
        throw new Error(`the function answered ${status} ${body}`);
      const { calls } = (JSON.parse(body) as { result: { calls: number } }).result;
      const used = { took, memory: usageOf(started.pid).memory, bytes: (await written(lake, name)) - before, calls };
      tell(
        `partition-compaction, ${files} files${verifyPieces ? ', verified' : ''}: ${took.toFixed(0)} ms, ${used.memory.toFixed(0)} MiB`,
      );
      return used;
    } finally {
      await started.end();
    }
  };
  const pyarrow = async (files: number): Promise<Used> => {
    const name = await topic(files);
    const folderOfFiles = `${root}/${name}/2019/09/01/00`;
    const { stdout } = await python('rewrite.py', lake.addresses.webhdfs, folderOfFiles, `${root}/_${name}.parquet`);
    const used = JSON.parse(stdout) as Used;
    tell(`pyarrow: ${used.took.toFixed(0)} ms, ${used.memory.toFixed(0)} MiB`);
    return used;
  };
  const partition = async (files: number): Promise<string> => `${root}/${await topic(files)}/2019/09/01/00`;
  return { ours, pyarrow, partition };
}

function settingsOf(lake: BenchLake, verifyPieces: boolean): Record<string, unknown> {
  const { webhdfs, defaultFs } = lake.addresses;
  return {
    root,
    quietSeconds: 0,
    latePartitions: 0,
    maxFiles: mostFiles,
    maxRowGroups: mostFiles,
    maxFooterBytes: 2 ** 26,
    verifyPieces,
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
  };
}

/** Bytes of a topic's files. */
async function written(lake: BenchLake, topic: string): Promise<number> {
  return (await lake.clients.hdfs.contentSummary(`${root}/${topic}`)).length;
}
