import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parquetMetadata, type FileMetaData } from 'hyparquet';
import { provideReaders } from '../test/readers/python.ts';
import type { Benchmark, Row, Table } from './benchmark.ts';
import { heap, preparePrograms, type Programs, semiSpace } from './rewriters/programs.ts';
import { describeChanges, type Measured, toChanges, toFigures, toRows } from './rewriters/report.ts';
import { measureSession } from './rewriters/session.ts';

/** A folder of small files: the shape and the number that inputs.py is asked for. */
export interface SmallFiles {
  readonly title: string;
  readonly shape: 'common' | 'repeated';
  readonly files: number;
}

const filesOfSession = 3;
const inputs: readonly SmallFiles[] = [
  { title: '500 files, 25 columns', shape: 'common', files: 500 },
  { title: '300 files, 12 columns', shape: 'repeated', files: 300 },
];

/** Everybody who makes one Parquet file of many, on the same files: what it takes, and what of the files is not as it was. */
export const rewritersBenchmark: Benchmark = {
  name: 'rewriters',
  title: 'Small Parquet files become one, by us and by others',
  needsLake: false,
  run: (_, tell) => compareRewriters(inputs, 3, tell),
};

/** Has all programs rewrite each input in so many sessions, in turn. */
export async function compareRewriters(
  wanted: readonly SmallFiles[],
  sessions: number,
  tell: (line: string) => void,
): ReturnType<Benchmark['run']> {
  const folder = join(import.meta.dirname, '..', 'build', 'bench-rewriters');
  mkdirSync(folder, { recursive: true });
  const programs = await preparePrograms(folder, tell);
  const python = withPython(await provideReaders(tell));
  const rows: Row[] = [];
  const tables: Table[] = [];
  for (const one of wanted) {
    const { title, shape, files } = one;
    const input = await provideInput(join(folder, `${shape}-${files}`), one, python, tell);
    const measured = await measurePrograms(programs, input, sessions, python, (line) => tell(`${title}, ${line}`));
    rows.push(...toRows(title, measured));
    tables.push(toFigures(title, measured), toChanges(title, readMetadata(firstFile(input)), measured));
  }
  return {
    peer: `pyarrow 26.0.1, DuckDB 2.0.0, parquet-mr 1.15.2 (ParquetRewriter), Spark 4.3.0 (read, coalesce(1), write; local[2]); each row names its own`,
    rows,
    tables,
    notes: [
      `${sessions} sessions of each program in turn, each of ${filesOfSession} times the same work; the middle of them. "With start" is from the start of the program to the end of its first file; "warm" is a further file in the same process, when Java has compiled some of what it runs.`,
      'Processor time (user and system, all threads, steps of 10 ms) and the peak of resident memory until the end of the first file are those of all processes of a program; with Spark of Java and of Python, which drives it. Files are in the page cache, all Snappy.',
      `Ours is bundled as a function is, and runs with ${semiSpace}; Java has a heap of ${heap}, Spark's default. Ours, pyarrow and DuckDB make row groups of up to 131,072 rows; Spark cuts them by bytes; parquet-mr keeps those of the input.`,
      'The 25 columns are of all kinds that Spark reads, half of them nested or with a logical type, with a field id each and bloom filters on two; it refuses TIME and UUID. The 12 have values that occur again and again.',
      'What changed is read from the footers by hyparquet; rows are read and compared by pyarrow, which casts columns to the types that they had. A logical type counts as changed where it means something else, not where it is told by an older annotation.',
    ],
  };
}

type RunPython = (script: string, ...args: readonly string[]) => Promise<string>;

function withPython(site: string): RunPython {
  return async (script, ...args) => {
    const call = ['python3', join(import.meta.dirname, script), ...args];
    return (await promisify(execFile)('env', [`PYTHONPATH=${site}`, ...call])).stdout;
  };
}

async function provideInput(
  place: string,
  { shape, files }: SmallFiles,
  python: RunPython,
  tell: (line: string) => void,
): Promise<string> {
  if (existsSync(place)) return place;
  tell(`making ${files} files`);
  const unfinished = `${place}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  await python('deep-merge/inputs.py', unfinished, shape, 'snappy', String(files));
  renameSync(unfinished, place);
  return place;
}

async function measurePrograms(
  programs: Programs,
  input: string,
  sessions: number,
  python: RunPython,
  tell: (line: string) => void,
): Promise<ReadonlyMap<string, Measured>> {
  const measured = new Map<string, Measured>();
  const before = readMetadata(firstFile(input));
  for (let session = 0; session < sessions; session += 1) {
    for (const [name, program] of programs) {
      const sofar = measured.get(name);
      if (typeof sofar === 'string') continue;
      const output = `${input}.${name}.parquet`;
      rmSync(output, { force: true });
      try {
        const one = await measureSession(program(input), output, filesOfSession);
        tell(`${name}: ${one.cold.time.toFixed(0)} ms with start, ${one.cold.cpu.toFixed(0)} ms of processor time`);
        const line = sofar?.line ?? [
          ...describeChanges(before, readMetadata(output)),
          (JSON.parse(await python('rewriters/compare_rows.py', input, output)) as { rows: string }).rows,
        ];
        measured.set(name, { all: [...(sofar?.all ?? []), one], bytes: statSync(output).size, line });
      } catch (error) {
        if (name === 'Lakewarden') throw error;
        const [reason = ''] = (error as Error).message.split('\n');
        tell(`${name}: ${reason}`);
        measured.set(name, reason);
      } finally {
        rmSync(output, { force: true });
      }
    }
  }
  return measured;
}

function firstFile(folder: string): string {
  const [name = ''] = readdirSync(folder).toSorted();
  return join(folder, name);
}

function readMetadata(path: string): FileMetaData {
  return parquetMetadata(new Uint8Array(readFileSync(path)).buffer);
}
