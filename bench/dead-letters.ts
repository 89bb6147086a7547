import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { groupRecord, randomNumbers, trueGroups } from '../test/support/letter-groups.ts';
import { startOwnLake } from '../test/support/own-lake.ts';
import { type Benchmark, judge, type Row } from './benchmark.ts';
import { startTriageCold } from './dead-letters/cold-triage.ts';
import { median } from './measure.ts';

const rounds = 5;
const perSend = 5_000;
const goals = { rate: 40_000, memory: 256, first: 1_000 };
/** Groups that are kept unless the settings say otherwise, and the one of what is beyond. */
const mostGroups = 10_001;

/** What one run of triage took; times in milliseconds, memory in MiB. */
export interface Took {
  readonly letters: number;
  readonly groups: number;
  readonly cpu: number;
  readonly memory: number;
}

const usual = { count: 100_000, groups: 200, topic: 'bench-dlq' };
const many = { count: 1_000_000, groups: 100_000, topic: 'bench-many' };

/** From the broker to the groups, in a process of its own at each round; there is no peer that groups dead letters. */
export const deadLettersBenchmark: Benchmark = {
  name: 'dead-letters',
  title: `Triage of ${told(usual.count)} dead letters with stack traces, in ${usual.groups} true groups`,
  needsLake: false,
  run: (_, tell) =>
    withKafka(tell, async (broker, program) => {
      await fillTopic(broker, usual);
      const runs: Took[] = [];
      for (let round = 0; round < rounds; round += 1) {
        runs.push(await triage(program, broker, usual, round));
        tell(describe(runs.at(-1)));
      }
      const cold = await startTriageCold(broker, usual.topic, rounds, tell);
      const first = median(cold);
      const rows = [
        ...judgeRuns(runs),
        judge(
          { work: 'start of the packaged function to the first event about a group', unit: 'ms', ours: first },
          `below ${goals.first} ms`,
          first < goals.first,
        ),
      ];
      const notes = [
        `Median of ${rounds} runs; the highest of all for memory. Processor time is that of all threads of the run, with what the compiler takes; modules are loaded before.`,
        'The start is that of a process of the bundle under Knative’s runtime, until the sink has got an event: health checks, the request, connections to Kafka, the state and the first batch are in it. It depends on what else the machine does.',
        'Without quarantine and registry. Bundled as a function is, with --max-semi-space-size as func.yaml has it.',
      ];
      return { peer: 'none groups dead letters', rows, notes };
    }),
};

/** The same with so many letters and groups that not all groups can be kept. */
export const deadLettersMillionBenchmark: Benchmark = {
  name: 'dead-letters-million',
  title: `Triage of ${told(many.count)} dead letters with stack traces, in ${told(many.groups)} true groups`,
  needsLake: false,
  run: (_, tell) =>
    withKafka(tell, async (broker, program) => {
      await fillTopic(broker, many);
      const run = await triage(program, broker, many, 0);
      tell(describe(run));
      const notes = [
        `One run in one partition. ${told(mostGroups - 1)} groups are kept (limits.groups), letters of the others are counted together; each letter is counted.`,
        'Memory is the most that was resident. Without quarantine and registry. Bundled as a function is, with --max-semi-space-size as func.yaml has it.',
      ];
      return { peer: 'none groups dead letters', rows: judgeRuns([run]), notes };
    }),
};

/** A topic of dead letters. */
interface Load {
  readonly count: number;
  readonly groups: number;
  readonly topic: string;
}

/** Works with a Kafka of its own and the program that runs triage once. */
export async function withKafka<Result>(
  tell: (line: string) => void,
  work: (broker: string, program: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
  const lake = await startOwnLake(['kafka'], tell, { optimise: true });
  try {
    return await work(lake.addresses.kafka ?? '', await bundle(folder));
  } finally {
    await lake.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The program in one file, with its types stripped and with the client's WebAssembly in it, as in a packaged function. */
async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'run-triage.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'dead-letters', 'run-triage.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

function judgeRuns(runs: readonly Took[]): Row[] {
  const rate = median(runs.map(({ letters, cpu }) => (letters * 1_000) / cpu));
  const memory = Math.max(...runs.map((run) => run.memory));
  return [
    judge(
      { work: 'from the broker to the group, by processor time', unit: 'records/s', ours: rate },
      `at least ${told(goals.rate)}`,
      rate >= goals.rate,
    ),
    judge({ work: 'most memory', unit: 'MiB', ours: memory }, `below ${goals.memory} MiB`, memory < goals.memory),
  ];
}

function told(number: number): string {
  return number.toLocaleString('en');
}

function describe(run: Took | undefined): string {
  return `${run?.cpu.toFixed(0)} ms of processor time, ${run?.memory.toFixed(0)} MiB, ${run?.groups} groups`;
}

/** Makes a topic of dead letters with stack traces. */
export async function fillTopic(broker: string, { count, groups, topic }: Load): Promise<void> {
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 60_000 });
  await new TopicAdmin(link).create(topic, { partitions: 1, settings: { 'retention.ms': '-1' } });
  const writer = new TransactionalWriter(link, 'fill');
  const random = randomNumbers(1);
  const truths = trueGroups(groups);
  for (let at = 0; at < count; at += perSend) {
    const some = Array.from({ length: perSend }, (_, index) => {
      const truth = truths[(at + index) % groups] as (typeof truths)[number];
      return { ...groupRecord(truth, random, BigInt(at + index), true), topic, partition: 0 };
    });
    await writer.begin();
    await writer.send(some);
    await writer.commit();
  }
  await writer.settle();
  await writer.close();
  await link.close();
}

/** Has a process of its own read and group a topic. @throws Error when a letter was not counted, or the groups are others */
export async function triage(
  program: string,
  broker: string,
  { count, groups, topic }: Load,
  round: number,
): Promise<Took> {
  const settings = {
    topics: [topic],
    group: `bench-${round}`,
    state: { topic: `state-${round}`, partitions: 1 },
    kafka: { brokers: [broker] },
  };
  const run = promisify(execFile);
  // As func.yaml has it.
  const { stdout } = await run(process.execPath, ['--max-semi-space-size=4', program, JSON.stringify(settings)]);
  const took = JSON.parse(stdout) as Took;
  if (took.letters !== count || took.groups !== Math.min(groups, mostGroups))
    throw new Error(`${took.letters} letters in ${took.groups} groups were counted`);
  return took;
}
