import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnLake } from '../test/support/own-lake.ts';
import { type Benchmark, compare, judge, type Row } from './benchmark.ts';
import { median } from './measure.ts';
import { pipe } from './replay/console-pipe.ts';
import { awkwardRecord, countFaithful, type Failed, fill, makeTopics, plainRecord } from './replay/letters.ts';
import { runReplay } from './replay/run-replay.ts';
import type { Took } from './replay/watch.ts';

const count = 30_000;
const awkward = 1_000;
const rounds = 3;

/** Sending dead letters back: by a plan, exactly once, against a pipe of Kafka's own console tools, which is at least once. */
export const replayBenchmark: Benchmark = {
  name: 'replay',
  title: `Sending ${count.toLocaleString('en')} dead letters back`,
  needsLake: false,
  run: async (_, tell) => {
    const lake = await startOwnLake(['kafka'], tell, { optimise: true });
    const folder = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      const site = { broker: lake.addresses.kafka ?? '', folder };
      const [planned, ours, peer]: [Took[], Took[], Took[]] = [[], [], []];
      for (let round = 0; round < rounds; round += 1) {
        const took = await compareOnce(site, `round-${round}`, count, plainRecord);
        for (const [who, faithful] of Object.entries(took.faithful))
          if (faithful !== count)
            throw new Error(`${who}: only ${faithful} letters of ${count} went back as they were`);
        planned.push(took.planned);
        ours.push(took.applied);
        peer.push(took.peer);
        tell(`round ${round + 1}: ${took.applied.time.toFixed(0)} ms, the pipe ${took.peer.time.toFixed(0)} ms`);
      }
      const { faithful } = await compareOnce(site, 'awkward', awkward, awkwardRecord);
      const rate = (all: readonly Took[], of: keyof Took): number =>
        (count * 1_000) / median(all.map((one) => one[of]));
      const most = (all: readonly Took[]): number => Math.max(...all.map(({ memory }) => memory));
      const rows: Row[] = [
        compare('from the start of the program to its end', 'letters/s', rate(ours, 'time'), rate(peer, 'time')),
        compare('the same, by processor time', 'letters/s', rate(ours, 'cpu'), rate(peer, 'cpu')),
        compare('most memory', 'MiB', most(ours), most(peer)),
        { work: 'planning: what would happen, to the byte', unit: 'letters/s', ours: rate(planned, 'time') },
        judge(
          {
            work: `of ${awkward.toLocaleString('en')} letters with lines, tabs, commas and bytes of any kind, not as they were`,
            unit: 'letters',
            ours: awkward - faithful.ours,
            peer: awkward - faithful.peer,
          },
          'none',
          faithful.ours === awkward,
        ),
      ];
      for (const { work, unit, ...row } of rows)
        tell(`${work}: ${row.ours.toFixed(0)} ${unit}, peer ${row.peer?.toFixed(0)}`);
      return {
        peer: 'kafka-console-consumer | kafka-console-producer 4.3.1 with keys, headers and a word for null, acks=all',
        rows,
        notes: [
          `Median of ${rounds} rounds, one after the other; the highest of all for memory. One partition, values of 200 bytes, ten headers of Connect and one of the record. Starts of the programs are within (one of Node, two of Java).`,
          'Ours is `lakewarden replay apply`: it decides all letters anew before the first goes, then again as it writes; each has an entry in the ledger; it is exactly once, and can be killed.',
          'The letters are such that the pipe can carry them: an error message of two lines, as usual in dead letters, breaks it.',
          'We are slower by the clock: each letter is read and decided twice, and transactions wait for the broker many times; the machine was busy with other work.',
          'The pipe is at least once, leaves the headers of the failure on, and gives all records new times; that is not counted as loss.',
        ],
      };
    } finally {
      rmSync(folder, { recursive: true });
      await lake.stop();
    }
  },
};

interface Site {
  readonly broker: string;
  readonly folder: string;
}

/** The same letters by us and by the pipe, each to a topic of its own. */
async function compareOnce({ broker, folder }: Site, name: string, letters: number, make: (index: number) => Failed) {
  const [dlq, origin, copy] = [`${name}-dlq`, `${name}-origin`, `${name}-copy`] as const;
  await makeTopics(broker, dlq, origin, copy);
  await fill(broker, dlq, origin, letters, make);
  const [replay, plan, config] = ['replay.yaml', 'plan.json', 'config.json'].map((file) =>
    join(folder, `${name}-${file}`),
  ) as [string, string, string];
  writeFileSync(replay, JSON.stringify({ name, filter: { topic: dlq }, newerData: 'ignore' }));
  writeFileSync(config, JSON.stringify({ topics: [dlq], kafka: { brokers: [broker] } }));
  const planned = await runReplay('plan', replay, config, plan);
  const applied = await runReplay('apply', plan, config, join(folder, `${name}-outcome.json`));
  const { written } = JSON.parse(readFileSync(join(folder, `${name}-outcome.json`), 'utf8')) as { written: number };
  if (written !== letters) throw new Error(`${written} letters were replayed, not ${letters}`);
  const peer = await pipe(broker, dlq, copy, letters);
  const faithful = {
    ours: await countFaithful(broker, origin, letters, make),
    peer: await countFaithful(broker, copy, letters, make),
  };
  return { planned, applied, peer, faithful };
}
