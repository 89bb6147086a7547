import { join } from 'node:path';
import { build } from 'esbuild';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { runTool } from '#lake-in-a-box/launch.ts';
import { providePython } from '../../test/engines/downloads.ts';
import { provideReaders } from '../../test/readers/python.ts';
import type { Rewriter } from './session.ts';

/** Memory that Java may take as its heap, of parquet-mr and of Spark: what Spark has when nobody says otherwise. */
export const heap = '1g';
/** Memory of young objects, in MiB: without a limit V8 takes 48 MiB for what is forgotten at once. */
export const semiSpace = '--max-semi-space-size=4';

/** All who rewrite, ours first, by the name that the page shows. */
export type Programs = ReadonlyMap<string, (input: string) => Rewriter>;

/** Downloads what is missing, compiles what has to be, and says how each is started on a folder of files. @throws lake.failed */
export async function preparePrograms(folder: string, tell: (line: string) => void): Promise<Programs> {
  const signal = AbortSignal.timeout(1_800_000);
  const python = await provideReaders(tell);
  const spark = await providePython(tell, signal);
  const jars = [...(await resolveJars('parquet', tell, signal)), ...(await resolveJars('hdfs', tell, signal))];
  const classes = join(folder, 'classes');
  const source = join(import.meta.dirname, 'WithParquetMr.java');
  await runTool(javaTool('javac'), ['-proc:none', '-cp', jars.join(':'), '-d', classes, source], folder, signal);
  const ours = join(folder, 'with-ours.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'with-ours.ts')],
    outfile: ours,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const withPython =
    (name: string, site: string, ...more: string[]) =>
    (input: string): Rewriter => ({
      command: ['python3', join(import.meta.dirname, name), input, ...more],
      env: { PYTHONPATH: site, SPARK_LOCAL_IP: '127.0.0.1', HADOOP_USER_NAME: superuser },
      folder,
    });
  return new Map([
    ['Lakewarden', (input) => ({ command: [process.execPath, semiSpace, ours, input], folder })],
    ['pyarrow', withPython('with_pyarrow.py', python)],
    ['DuckDB', withPython('with_duckdb.py', python)],
    [
      'parquet-mr',
      (input) => ({
        command: [javaTool('java'), `-Xmx${heap}`, '-cp', [classes, ...jars].join(':'), 'WithParquetMr', input],
        env: { HADOOP_USER_NAME: superuser },
        folder,
      }),
    ],
    ['Spark', withPython('with_spark.py', spark, heap)],
  ]);
}
