import type { Benchmark, Row } from '../benchmark.ts';
import { extendLine, type Point } from '../curve.ts';
import { fillTopic, type Took, triage, withKafka } from '../dead-letters.ts';

const sizes = [10_000, 100_000, 1_000_000];
const groups = 200;

/** Dead letters of a topic, from 10,000 to a million: what reading and grouping them costs. */
export const scaleLettersBenchmark: Benchmark = {
  name: 'scale-letters',
  title: 'Scale: dead letters of a topic',
  needsLake: false,
  run: (_, tell) =>
    withKafka(tell, async (broker, program) => {
      const runs: Took[] = [];
      for (const [round, count] of sizes.entries()) {
        const load = { count, groups, topic: `scale-${count}` };
        await fillTopic(broker, load);
        runs.push(await triage(program, broker, load, round));
        tell(`${count} letters: ${runs.at(-1)?.cpu.toFixed(0)} ms, ${runs.at(-1)?.memory.toFixed(0)} MiB`);
      }
      const line = (name: string, cost: (took: Took) => number) => ({
        name,
        points: runs.map((took): Point => [took.letters, cost(took)]),
      });
      const x = 'dead letters';
      return {
        peer: 'none: no tool that we know groups dead letters',
        rows: runs.flatMap(({ letters, cpu, memory }): Row[] => [
          { work: `${letters.toLocaleString('en')} letters: processor time`, unit: 'ms', ours: cpu },
          { work: `${letters.toLocaleString('en')} letters: most memory`, unit: 'MiB', ours: memory },
        ]),
        curves: [
          {
            title: 'Processor time of triage',
            x,
            y: 'ms',
            lines: [
              extendLine(
                line('reading and grouping', ({ cpu }) => cpu),
                [10_000_000],
              ),
            ],
          },
          { title: 'Most memory of triage', x, y: 'MiB', lines: [line('whole process', ({ memory }) => memory)] },
        ],
        notes: [
          `One run for each size, in a process of its own, of one partition with stack traces of 1.2 kB and ${groups} true groups; modules are loaded before. Without quarantine and registry.`,
        ],
      };
    }),
};
