import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnLake } from '../test/support/own-lake.ts';
import { type Benchmark, judge, type Row } from './benchmark.ts';
import { fill, makeTopics, plainRecord } from './replay/letters.ts';
import { runReplay } from './replay/run-replay.ts';

const count = 1_000_000;
/** What the function is given, in MiB. */
const limit = 512;

/** The largest plan that people are likely to make, and what it takes to make it. */
export const replayMillionBenchmark: Benchmark = {
  name: 'replay-million',
  title: `Planning the replay of ${count.toLocaleString('en')} dead letters`,
  needsLake: false,
  run: async (_, tell) => {
    const lake = await startOwnLake(['kafka'], tell, { optimise: true });
    const folder = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      const broker = lake.addresses.kafka ?? '';
      await makeTopics(broker, 'dlq', 'origin');
      await fill(broker, 'dlq', 'origin', count, plainRecord);
      const [replay, config, plan] = [
        join(folder, 'replay.yaml'),
        join(folder, 'config.json'),
        join(folder, 'plan.json'),
      ];
      const budget = { perLetter: 3, total: count };
      writeFileSync(replay, JSON.stringify({ name: 'all', filter: { topic: 'dlq' }, newerData: 'ignore', budget }));
      writeFileSync(config, JSON.stringify({ topics: ['dlq'], kafka: { brokers: [broker] } }));
      const { memory, time, cpu } = await runReplay('plan', replay, config, plan);
      const { summary } = JSON.parse(readFileSync(plan, 'utf8')) as { summary: { replayed: number } };
      if (summary.replayed !== count) throw new Error(`the plan replays ${summary.replayed} letters`);
      const rows: Row[] = [
        judge(
          { work: 'most memory', unit: 'MiB', ours: memory },
          `below ${limit} MiB, as the function has`,
          memory < limit,
        ),
        { work: 'letters decided', unit: 'letters/s', ours: (count * 1_000) / time },
        { work: 'the same, by processor time', unit: 'letters/s', ours: (count * 1_000) / cpu },
        { work: 'the plan', unit: 'kB', ours: statSync(plan).size / 1_000 },
      ];
      for (const { work, ours, unit } of rows) tell(`${work}: ${ours.toFixed(1)} ${unit}`);
      const notes = ['One run, from the start of the program to its end; values of 200 bytes, ten headers of Connect.'];
      return { peer: 'none plans', rows, notes };
    } finally {
      rmSync(folder, { recursive: true });
      await lake.stop();
    }
  },
};
