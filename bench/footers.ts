import { parquetMetadataAsync } from 'hyparquet';
import { readFooter } from '#shared/parquet/footer.ts';
import { parquetBytes } from '../test/support/parquet-file.ts';
import type { BenchLake } from './bench-lake.ts';
import { type Benchmark, compare, type Findings, judge, type Row } from './benchmark.ts';
import { alternate, timedCpu } from './measure.ts';

const files = 1_000;
const columnCount = 34;
const rounds = 5;
const tailBytes = 16_384;

/** A file that can be read in part. */
interface Ranged {
  readonly length: number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/** Reading footers, in processor time: ours keep every field and every bound as it stands, hyparquet decodes them. */
export const footersBenchmark: Benchmark = {
  name: 'footers',
  title: `${files.toLocaleString('en')} Parquet footers of ${columnCount} columns`,
  run: async (start, tell) => {
    const bytes = wideFile();
    const memory = {
      length: bytes.length,
      read: async (offset: number, length: number) => bytes.slice(offset, offset + length),
    };
    const inMemory = await readAll(memory, 'from memory');
    tell(`from memory: ${inMemory.ours.toFixed(0)} ms, hyparquet ${inMemory.peer?.toFixed(0)} ms`);
    const fromHdfs = await readAll(await onHdfs(await start(), bytes), 'over WebHDFS (two requests each)', 16);
    tell(`over WebHDFS: ${fromHdfs.ours.toFixed(0)} ms, hyparquet ${fromHdfs.peer?.toFixed(0)} ms`);
    return findings(bytes.length, [inMemory, fromHdfs]);
  },
};

function findings(length: number, rows: readonly Row[]): Findings {
  return {
    peer: 'hyparquet, over the same source',
    rows: rows.map((row) => judge(row, 'at most 1 s', row.ours <= 1_000)),
    notes: [
      `Processor time of all threads of this process; files of ${length.toLocaleString('en')} bytes; median of ${rounds} alternating runs after one that is not counted.`,
      'hyparquet reads the tail of 16 KiB, too. It is not the same work to the last bit: ours keeps unknown fields and raw bounds, and checks the counts against each other.',
    ],
  };
}

/** A file of 34 columns with statistics, as a table of events might have. */
function wideFile(): Uint8Array {
  const types = ['bigint', 'int', 'double', 'string', 'timestamp', 'decimal(18,2)'] as const;
  const values = {
    bigint: 1n,
    int: 1,
    double: 1.5,
    string: 'a text of some length',
    timestamp: 1n,
    'decimal(18,2)': 1n,
  };
  const columns = Array.from(
    { length: columnCount },
    (_, index) => [`column_${index}`, types[index % types.length] ?? 'int'] as const,
  );
  const row = Object.fromEntries(columns.map(([name, type]) => [name, values[type]]));
  return parquetBytes(
    Object.fromEntries(columns),
    Array.from({ length: 100 }, () => row),
  );
}

async function onHdfs(lake: BenchLake, bytes: Uint8Array): Promise<Ranged> {
  const { hdfs } = lake.clients;
  const path = '/bench-footers/data.snappy.parquet';
  await hdfs.create(path, bytes, { overwrite: true });
  return { length: bytes.length, read: (offset, length) => hdfs.read(path, offset, length) };
}

async function readAll({ length, read }: Ranged, from: string, atOnce = 1): Promise<Row> {
  const ours = () => readFooter({ path: '/golden/x.parquet', length, read });
  const file = {
    byteLength: length,
    slice: async (start: number, end = length) => new Uint8Array(await read(start, end - start)).buffer,
  };
  const peer = () => parquetMetadataAsync(file, { initialFetchSize: tailBytes });
  const all = (one: () => Promise<unknown>) => (): Promise<number> =>
    timedCpu(async () => {
      let left = files;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await one();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
    });
  const works = { ours: all(ours), peer: all(peer) };
  await alternate(1, works);
  const took = await alternate(rounds, works);
  return compare(from, 'ms', took.ours, took.peer);
}
