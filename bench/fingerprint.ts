import { RuleBook } from '#functions/dead-letter-triage/classify/rules.ts';
import { fingerprintLetter } from '#functions/dead-letter-triage/group/fingerprint.ts';
import { judgeLetter } from '#functions/dead-letter-triage/classify/judge-letter.ts';
import type { Letter } from '#functions/dead-letter-triage/letter/letter.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { connectHeaders, deadRecord, headers } from '../test/support/dead-letters.ts';
import { groupRecord, randomNumbers, trueGroups } from '../test/support/letter-groups.ts';
import { type Benchmark, type Findings, judge, type Row } from './benchmark.ts';
import { median, timedCpu } from './measure.ts';

const groups = 200;
const perGroup = 100;
const rounds = 9;
const manyHeaders = 4_000;
const wanted = 75_000;
const wantedMs = 50;
const rules = new RuleBook([]);

/** From raw records to their groups, in processor time; there is no peer that groups dead letters. */
export const fingerprintBenchmark: Benchmark = {
  name: 'fingerprint',
  title: `Understanding dead letters: ${groups} true groups of ${perGroup} records`,
  needsLake: false,
  run: async (_, tell) => {
    const random = randomNumbers(1);
    const truths = trueGroups(groups);
    const make = (hasStack: boolean): KafkaRecord[] =>
      Array.from({ length: perGroup }, (__, index) =>
        truths.map((truth) => groupRecord(truth, random, BigInt(index), hasStack)),
      ).flat();
    const rows: Row[] = [];
    for (const hasStack of [true, false]) {
      const records = make(hasStack);
      const work = hasStack ? `with stack traces of ${stackBytes(records)} bytes` : 'without stack traces';
      const letters = records.map((record) => readLetter(record));
      const fingerprint = (index: number): string => fingerprintLetter(letters[index] as Letter).id;
      const judged = (index: number): string =>
        judgeLetter(readLetter(records[index] as KafkaRecord), {}, rules).fingerprint.id;
      rows.push(
        await measure(`fingerprints ${work}`, records.length, fingerprint, hasStack ? wanted : undefined),
        await measure(`reading, classifying and grouping ${work}`, records.length, judged),
      );
    }
    rows.push(
      await measureHeaders('headers of others', foreignHeaders()),
      await measureHeaders('trips of Connect', trips()),
    );
    for (const { work, ours, unit } of rows) tell(`${work}: ${ours.toFixed(1)} ${unit}`);
    return findings(rows);
  },
};

async function measure(work: string, count: number, idOf: (index: number) => string, least?: number): Promise<Row> {
  const ids = new Set<string>();
  const run = async (): Promise<void> => {
    for (let index = 0; index < count; index += 1) ids.add(idOf(index));
  };
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) times.push(await timedCpu(run));
  if (ids.size !== groups) throw new Error(`${work}: ${ids.size} groups were found, and ${groups} are true`);
  const ours = (count * 1_000) / median(times.slice(1));
  const row = { work, unit: 'records/s', ours };
  return least === undefined ? row : judge(row, `at least ${least.toLocaleString('en')}`, ours >= least);
}

async function measureHeaders(work: string, record: KafkaRecord): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    times.push(await timedCpu(async () => void judgeLetter(readLetter(record), {}, rules)));
  const ours = Math.max(...times);
  return judge(
    { work: `one record with ${manyHeaders.toLocaleString('en')} headers, ${work}`, unit: 'ms', ours },
    `below ${wantedMs} ms`,
    ours < wantedMs,
  );
}

function foreignHeaders(): KafkaRecord {
  return deadRecord({
    headers: Array.from({ length: manyHeaders }, (_, index) => headers([`x-${index % 50}`, `v${index}`])).flat(),
  });
}

function trips(): KafkaRecord {
  return deadRecord({ headers: Array.from({ length: manyHeaders / 10 }, () => connectHeaders()).flat() });
}

/** Mean length of the stack traces of those records that have one. */
function stackBytes(records: readonly KafkaRecord[]): number {
  const lengths = records.flatMap(({ headers: list }) =>
    list.flatMap(([name, value]) => (String(name).endsWith('stacktrace') ? (value?.length ?? 0) : [])),
  );
  return Math.round(lengths.reduce((sum, length) => sum + length, 0) / lengths.length);
}

function findings(rows: readonly Row[]): Findings {
  return {
    peer: 'none: no tool that we know groups dead letters',
    rows,
    notes: [
      `Processor time of this process; median of ${rounds} rounds after one that is not counted. The slowest of ${rounds} for the records with many headers.`,
      'A run in which a true group is split, or two are merged, fails.',
    ],
  };
}
