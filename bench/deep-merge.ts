import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { providePackages } from '../test/engines/downloads.ts';
import { type Benchmark, compare, judge, type Row } from './benchmark.ts';
import { median } from './measure.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '..', 'build', 'bench-deep-merge');
const packages = ['pyarrow==26.0.1', 'numpy==2.4.6'];
/** Memory of young objects, in MiB: without a limit V8 takes 48 MiB for what is forgotten at once. */
const semiSpace = '--max-semi-space-size=4';

/** An input, and the share of pyarrow's processor time that we set out to take. */
interface Input {
  readonly name: string;
  readonly title: string;
  readonly make:
    | readonly [shape: string, codec: string, files: string]
    | { readonly linksTo: string; readonly files: number };
  readonly share?: number;
  readonly rounds: number;
}

const inputs: readonly Input[] = [
  {
    name: 'unique',
    title: '500 files, 27 columns, mostly unique',
    make: ['unique', 'snappy', '500'],
    share: 0.5,
    rounds: 5,
  },
  {
    name: 'repeated',
    title: '300 files, 12 columns, repeated, Snappy',
    make: ['repeated', 'snappy', '300'],
    share: 1,
    rounds: 5,
  },
  {
    name: 'repeated-zstd',
    title: '300 files, 12 columns, repeated, Zstandard',
    make: ['repeated', 'zstd', '300'],
    share: 0.9,
    rounds: 5,
  },
  {
    name: 'large',
    title: '5,000 files, 27 columns, mostly unique',
    make: { linksTo: 'unique', files: 5_000 },
    rounds: 1,
  },
];

/** What a process used: milliseconds and MiB; and the bytes that it wrote. */
interface Used {
  readonly cpu: number;
  readonly memory: number;
  readonly bytes: number;
}

/** Merging many files into few row groups, against reading and writing them with pyarrow. */
export const deepMergeBenchmark: Benchmark = {
  name: 'deep-merge',
  title: 'Small Parquet files merged deeply',
  needsLake: false,
  run: async (_, tell) => {
    mkdirSync(folder, { recursive: true });
    const site = await providePackages(packages, tell, AbortSignal.timeout(1_800_000));
    const python = (script: string, ...args: string[]) =>
      run('env', [`PYTHONPATH=${site}`, 'python3', join(import.meta.dirname, 'deep-merge', script), ...args]);
    const program = await bundle();
    const rows: Row[] = [];
    for (const input of inputs) {
      const source = await provideInput(input, python, tell);
      const ours: Used[] = [];
      const peer: Used[] = [];
      for (let round = 0; round < input.rounds; round += 1) {
        ours.push(await use(run(process.execPath, [semiSpace, program, source, `${source}.ours`]), `${source}.ours`));
        peer.push(await use(python('rewrite.py', source, `${source}.peer`), `${source}.peer`));
      }
      rows.push(...judgeInput(input, source, ours, peer));
      tell(
        `${input.title}: ${ours.map(({ cpu }) => cpu.toFixed(0)).join(', ')} ms, pyarrow ${peer.map(({ cpu }) => cpu.toFixed(0)).join(', ')} ms`,
      );
    }
    return {
      peer: 'pyarrow 26.0.1: read_table of each file, ParquetWriter, row groups of up to 131,072 rows as ours',
      rows,
      notes: [
        `Processor time (user and system, all threads) and peak of resident memory of whole processes, their start included; the files are in the page cache; the middle of 5 alternating rounds, of one for 5,000 files.`,
        `Ours is bundled as a function is, and runs with ${semiSpace}.`,
        '5,000 files are links to the 500, in an order in which no row group holds a file twice.',
      ],
    };
  },
};

function judgeInput({ title, share }: Input, source: string, ours: readonly Used[], peer: readonly Used[]): Row[] {
  const middle = (all: readonly Used[], key: keyof Used): number => median(all.map((used) => used[key]));
  const row = (what: string, unit: string, key: keyof Used, factor = 1): Row =>
    compare(`${title}: ${what}`, unit, middle(ours, key) * factor, middle(peer, key) * factor);
  const [cpu, memory, size] = [
    row('processor time', 'ms', 'cpu'),
    row('memory', 'MiB', 'memory'),
    row('size of the result', 'MB', 'bytes', 1e-6),
  ];
  const read = bytesOf(source) / 1e6;
  const speed = compare(
    `${title}: input by processor time`,
    'MB/s',
    (read / cpu.ours) * 1_000,
    (read / (cpu.peer ?? 1)) * 1_000,
  );
  return [
    share === undefined ? cpu : judge(cpu, `at most ${share} of pyarrow's`, cpu.ours <= share * (cpu.peer ?? 0)),
    judge(speed, 'at least 60 MB/s', speed.ours >= 60),
    judge(memory, 'at most 200 MiB', memory.ours <= 200),
    judge(size, "at most 1.01 of pyarrow's", size.ours <= 1.01 * (size.peer ?? 0)),
  ];
}

async function use(process: Promise<{ stdout: string }>, output: string): Promise<Used> {
  const { stdout } = await process;
  const { size } = statSync(output);
  rmSync(output);
  return { ...(JSON.parse(stdout) as Omit<Used, 'bytes'>), bytes: size };
}

/** The program in one file, with its types stripped before it is measured. */
async function bundle(): Promise<string> {
  const outfile = join(folder, 'merge-folder.mjs');
  const entry = join(import.meta.dirname, 'deep-merge', 'merge-folder.ts');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return outfile;
}

async function provideInput(
  { name, title, make }: Input,
  python: (script: string, ...args: string[]) => Promise<unknown>,
  tell: (line: string) => void,
): Promise<string> {
  const place = join(folder, name);
  if (existsSync(place)) return place;
  const unfinished = `${place}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  tell(`making ${title}`);
  if ('linksTo' in make) {
    const names = readdirSync(join(folder, make.linksTo)).toSorted();
    for (let file = 0; file < make.files; file += 1)
      symlinkSync(
        join('..', make.linksTo, names[file % names.length] ?? ''),
        join(unfinished, `${String(file).padStart(5, '0')}.parquet`),
      );
  } else await python('inputs.py', unfinished, ...make);
  renameSync(unfinished, place);
  return place;
}

function bytesOf(source: string): number {
  return readdirSync(source).reduce((sum, name) => sum + statSync(join(source, name)).size, 0);
}
