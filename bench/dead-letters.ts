import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { groupRecord, randomNumbers, trueGroups } from '../test/support/letter-groups.ts';
import { startOwnLake } from '../test/support/own-lake.ts';
import { type Benchmark, judge } from './benchmark.ts';
import { median } from './measure.ts';

const groups = 200;
const count = 100_000;
const rounds = 5;
const perSend = 5_000;
const goals = { rate: 40_000, memory: 256, first: 1_000 };

/** What one run of triage took; times in milliseconds, memory in MiB. */
interface Took {
  readonly letters: number;
  readonly groups: number;
  readonly cpu: number;
  readonly first: number;
  readonly memory: number;
}

/** From the broker to the groups, in a process of its own at each round; there is no peer that groups dead letters. */
export const deadLettersBenchmark: Benchmark = {
  name: 'dead-letters',
  title: `Triage of ${count.toLocaleString('en')} dead letters with stack traces, in ${groups} true groups`,
  needsLake: false,
  run: async (_, tell) => {
    const lake = await startOwnLake(['kafka'], tell, { optimise: true });
    try {
      const broker = lake.addresses.kafka ?? '';
      await fill(broker, 'bench-dlq');
      const runs: Took[] = [];
      for (let round = 0; round < rounds; round += 1) runs.push(await triage(broker, 'bench-dlq', round));
      const wrong = runs.find((run) => run.letters !== count || run.groups !== groups);
      if (wrong !== undefined) throw new Error(`${wrong.letters} letters in ${wrong.groups} groups were counted`);
      const middle = (of: (run: Took) => number): number => median(runs.map(of));
      const rate = middle(({ letters, cpu }) => (letters * 1_000) / cpu);
      const memory = Math.max(...runs.map((run) => run.memory));
      const first = middle((run) => run.first);
      const rows = [
        judge(
          { work: 'from the broker to the group, by processor time', unit: 'records/s', ours: rate },
          `at least ${goals.rate.toLocaleString('en')}`,
          rate >= goals.rate,
        ),
        judge({ work: 'most memory', unit: 'MiB', ours: memory }, `below ${goals.memory} MiB`, memory < goals.memory),
        judge(
          { work: 'start of the process to the first group told', unit: 'ms', ours: first },
          `below ${goals.first} ms`,
          first < goals.first,
        ),
      ];
      for (const { work, ours, unit } of rows) tell(`${work}: ${ours.toFixed(0)} ${unit}`);
      const notes = [
        `Median of ${rounds} runs; the highest of all for memory. Times include what a process needs once: modules, the compiler.`,
        'The goals of rate and memory are missed: collecting garbage takes a third of the processor time, and buffers of the log are given back late.',
        'Without quarantine and registry. The first group is told when a batch of 1,000 letters is understood.',
      ];
      return { peer: 'none groups dead letters', rows, notes };
    } finally {
      await lake.stop();
    }
  },
};

async function fill(broker: string, topic: string): Promise<void> {
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 30_000 });
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

async function triage(broker: string, topic: string, round: number): Promise<Took> {
  const settings = {
    topics: [topic],
    group: `bench-${round}`,
    state: { topic: `state-${round}`, partitions: 1 },
    kafka: { brokers: [broker] },
  };
  const program = join(import.meta.dirname, 'dead-letters', 'run-triage.ts');
  const run = promisify(execFile);
  // As func.yaml has it.
  const { stdout } = await run(process.execPath, ['--max-semi-space-size=2', program, JSON.stringify(settings)]);
  return JSON.parse(stdout) as Took;
}
