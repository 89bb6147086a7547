import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import type { Lake } from '#lake-in-a-box/lake.ts';
import { startOwnLake } from '../test/support/own-lake.ts';
import { BenchLake } from './bench-lake.ts';
import { coldStartBenchmark } from './cold-start.ts';
import { concatBenchmark } from './concat.ts';
import { deadLettersBenchmark, deadLettersMillionBenchmark } from './dead-letters.ts';
import { deepMergeBenchmark } from './deep-merge.ts';
import { fewFilesBenchmark } from './few-files.ts';
import { fingerprintBenchmark } from './fingerprint.ts';
import { footersBenchmark } from './footers.ts';
import { nothingNewBenchmark } from './nothing-new.ts';
import { packagedBenchmark } from './packaged.ts';
import { replaceBlock } from './block.ts';
import { renderHighlights } from './highlights.ts';
import { registerBenchmark } from './register.ts';
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

/** Runs the benchmarks whose names are given, or all that are not too long for that, and renders the page of results. */
async function runBenchmarks(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no benchmark is called ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}`,
    );
  mkdirSync(folder, { recursive: true });
  let running: Promise<{ readonly lake: Lake; readonly bench: BenchLake }> | undefined;
  const start = async (): Promise<BenchLake> => {
    running ??= startLake();
    return (await running).bench;
  };
  try {
    for (const { name, title, needsLake = true, run } of benchmarks.filter(({ name: own, onDemand = false }) =>
      names.length === 0 ? !onDemand : names.includes(own),
    )) {
      console.log(title);
      if (needsLake) await start();
      const before = load();
      const findings = await run(start, (line) => console.log(`  ${line}`));
      const result: Result = { name, title, ...findings, ...surroundings(before), command: `make bench B=${name}` };
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
      await writePage();
    }
  } finally {
    const started = await running;
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
else await runBenchmarks(asked);
