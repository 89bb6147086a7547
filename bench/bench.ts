import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import type { Lake } from '#lake-in-a-box/lake.ts';
import { startOwnLake } from '../test/support/own-lake.ts';
import { BenchLake } from './bench-lake.ts';
import type { Benchmark } from './benchmark.ts';
import { coldStartBenchmark } from './cold-start.ts';
import { concatBenchmark } from './concat.ts';
import { deadLettersBenchmark, deadLettersMillionBenchmark } from './dead-letters.ts';
import { deepMergeBenchmark } from './deep-merge.ts';
import { fewFilesBenchmark } from './few-files.ts';
import { fingerprintBenchmark } from './fingerprint.ts';
import { footersBenchmark } from './footers.ts';
import { chooseBenchmarks, measureInTurn } from './in-turn.ts';
import { nothingNewBenchmark } from './nothing-new.ts';
import { packagedBenchmark } from './packaged.ts';
import { replaceBlock } from './block.ts';
import { renderHighlights } from './highlights.ts';
import { registerBenchmark } from './register.ts';
import { rewritersBenchmark } from './rewriters.ts';
import { scanKubernetesBenchmark } from './scan-kubernetes.ts';
import { replayBenchmark } from './replay.ts';
import { replayMillionBenchmark } from './replay-million.ts';
import { scanEventsBenchmark } from './scan-events.ts';
import { plotCurve, plotRatios } from './plot.ts';
import { pictureOf, renderResults, type Result, sortResults } from './results.ts';
import { scaleFilesBenchmark } from './scale/files.ts';
import { scaleLettersBenchmark } from './scale/letters.ts';
import { scalePartitionsBenchmark } from './scale/partitions.ts';
import { largeLake, readCosts, renderPlan } from './scale/plan.ts';
import { scaleResourcesBenchmark } from './scale/resources.ts';
import { scaleServicesBenchmark } from './scale/services.ts';
import { scanAwsBenchmark } from './scan-aws.ts';

const benchmarks = [
  coldStartBenchmark,
  packagedBenchmark,
  scanAwsBenchmark,
  footersBenchmark,
  fingerprintBenchmark,
  deadLettersBenchmark,
  deadLettersMillionBenchmark,
  scanKubernetesBenchmark,
  scanEventsBenchmark,
  replayBenchmark,
  replayMillionBenchmark,
  deepMergeBenchmark,
  rewritersBenchmark,
  concatBenchmark,
  registerBenchmark(2_016, 2),
  fewFilesBenchmark,
  nothingNewBenchmark,
  registerBenchmark(20_000, 2),
  scaleResourcesBenchmark,
  scaleLettersBenchmark,
  scaleFilesBenchmark,
  scalePartitionsBenchmark,
  scaleServicesBenchmark,
];
const folder = join(import.meta.dirname, 'results');

/** Runs the benchmarks whose names are given, or all that do not stand apart, and renders the page of results; false when one failed. */
async function runBenchmarks(names: readonly string[]): Promise<boolean> {
  const chosen = chooseBenchmarks(benchmarks, names);
  mkdirSync(folder, { recursive: true });
  let running: Promise<{ readonly lake: Lake; readonly bench: BenchLake }> | undefined;
  const start = async (): Promise<BenchLake> => {
    running ??= startLake();
    return (await running).bench;
  };
  const measure = async ({ name, title, needsLake = true, run }: Benchmark): Promise<void> => {
    if (needsLake) await start();
    const [before, began] = [load(), performance.now()];
    const findings = await run(start, (line) => console.log(`  ${line}`));
    const seconds = Math.round((performance.now() - began) / 1_000);
    const result: Result = {
      name,
      title,
      ...findings,
      ...surroundings(before),
      seconds,
      command: `make bench B=${name}`,
    };
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
    await writePage();
  };
  try {
    return (await measureInTurn(chosen, measure, console.log)).length === 0;
  } finally {
    // A lake that did not start has been told with the benchmarks that need it.
    const started = await running?.catch(() => undefined);
    await started?.bench.close();
    await started?.lake.stop();
  }
}

async function startLake(): Promise<{ readonly lake: Lake; readonly bench: BenchLake }> {
  const lake = await startOwnLake(['hiveserver'], (line) => console.log(`  ${line}`), { optimise: true });
  return { lake, bench: new BenchLake(lake.addresses) };
}

async function writePage(): Promise<void> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const results = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Result);
  writeFileSync(join(folder, 'README.md'), renderResults(results));
  writeFileSync(join(folder, 'ratios.svg'), await plotRatios(sortResults(results)));
  for (const { name, curves = [] } of results)
    for (const [index, curve] of curves.entries())
      writeFileSync(join(folder, pictureOf(name, index)), await plotCurve(curve));
  const root = join(import.meta.dirname, '..');
  replaceBlock(join(root, 'README.md'), 'figures', renderHighlights(results));
  replaceBlock(join(root, 'docs', 'scale.md'), 'plan', renderPlan(largeLake, readCosts(results)));
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

function surroundings(before: number): Pick<Result, 'date' | 'versions' | 'machine'> {
  const java = execFileSync(javaTool('java'), ['--version'], { encoding: 'utf8' }).split('\n', 1)[0] ?? '';
  return {
    date: new Date().toISOString().slice(0, 10),
    versions: { Node: process.versions.node, Java: java, Hive: '4.0.1', Hadoop: '3.4.3' },
    machine: {
      cores: cpus().length,
      processor: cpus()[0]?.model ?? 'unknown',
      memory: Math.round(totalmem() / 2 ** 30),
      load: [before, load()],
    },
  };
}

const asked = process.argv.slice(2).filter((name) => name !== '');
// The page anew from what was measured before, when only how it looks has changed.
if (asked[0] === 'page') await writePage();
else if (!(await runBenchmarks(asked))) process.exitCode = 1;
