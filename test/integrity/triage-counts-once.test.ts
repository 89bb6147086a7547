import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { decodeLine } from '#functions/dead-letter-triage/quarantine/json-lines.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { sweep, type TriageLake, useTriage, writeLetters } from '../support/triage-lake.ts';
import { startTriage } from '../support/triage-process.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
/** `make kills` asks for more; each costs the start of a process. */
const wantedKills = Number(process.env['LAKEWARDEN_KILLS'] ?? 6);

const kinds = 3;
const hourMs = 3_600_000n;

/** Letters of three groups and two hours, with aborted ones between them. */
async function fill(topic: string, letters: number, from = 0): Promise<void> {
  for (let at = from; at < from + letters; at += 60) {
    await writeLetters(
      kafka,
      Array.from({ length: 60 }, (_, index) => letter(topic, at + index)),
    );
    await writeLetters(kafka, [letter(topic, at)], 'abort');
  }
}

function letter(topic: string, index: number): NewRecord {
  const message = ['connection refused', 'duplicate key', `offset ${index} is invalid`][index % kinds] as string;
  const stack = `java.lang.IllegalStateException: ${message}\n\tat a.B${index % kinds}.c(B.java:${index})\n`;
  const told = { ...failure, errorClass: 'java.lang.IllegalStateException', message, stack };
  const timestamp = 1_700_000_000_000n + BigInt(index % 2) * hourMs;
  return {
    topic,
    partition: 0,
    timestamp,
    key: null,
    value: Buffer.from(`{"n":${index}}`),
    headers: connectHeaders(told),
  };
}

/** Each letter is in one group and in one file, once. */
async function expectExact(triage: TriageLake, topic: string, letters: number): Promise<void> {
  const groups = await triage.groups(topic);
  expect(groups.map(({ count }) => count)).toEqual(Array.from({ length: kinds }, () => letters / kinds));
  expect(groups.flatMap(({ hours }) => hours.map(([, count]) => count)).reduce((sum, count) => sum + count)).toBe(
    letters,
  );
  const values: string[] = [];
  for (const [path, bytes] of await triage.files(topic)) {
    // What a killed process left half written is hidden.
    if (path.includes('/.part-')) continue;
    const [, first, last] = /-(\d+)-(\d+)\.jsonl\.gz$/.exec(path) ?? [];
    for (const line of gunzipSync(bytes).toString().trimEnd().split('\n')) {
      const record = decodeLine(line);
      expect(record.offset >= BigInt(first ?? -1) && record.offset <= BigInt(last ?? -1)).toBe(true);
      values.push(String(record.value));
    }
  }
  expect(values).toHaveLength(letters);
  expect(new Set(values).size).toBe(letters);
}

/** Each thing that happened was told, by ids that are the same however often it was. */
function expectTold(events: readonly CloudEventOut[], letters: number): void {
  const ids = (type: string): number =>
    new Set(events.filter((event) => event.type === `dev.lakewarden.deadletter.group.${type}`).map(({ id }) => id))
      .size;
  expect(ids('opened')).toBe(kinds);
  expect(ids('grown')).toBe(kinds * Math.floor(Math.log10(letters / kinds)));
}

test('whoever is killed, at whatever moment, letters, files and events are exact', async () => {
  const letters = 120;
  const topic = await kafka.create();
  const triage = await prepare([topic], { limits: { batchRecords: 5 } });
  const events: CloudEventOut[] = [];
  const killed = { times: 0 };
  const work = async (): Promise<void> => {
    for (;;) {
      const child = startTriage(triage.written);
      let text = '';
      let wait = Math.random() < 0.5 ? 1 : 2;
      child.stdout.on('data', (bytes: Buffer) => {
        text += String(bytes);
        wait -= 1;
        if (wait === 0 && killed.times < wantedKills) setTimeout(() => child.kill('SIGKILL'), Math.random() * 30);
      });
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      for (const line of text.split('\n').slice(0, -1)) events.push(JSON.parse(line) as CloudEventOut);
      if (signal !== null) killed.times += 1;
      else if (code === 0) return;
    }
  };
  let written = 0;
  // Two at a time, so that some are fenced off by others and not killed.
  do {
    await fill(topic, letters, written);
    written += letters;
    await Promise.all([work(), work()]);
  } while (killed.times < wantedKills);
  await triage.run();
  await expectExact(triage, topic, written);
  expectTold(events.concat(triage.events), written);
}, 1_800_000);

test('four instances at once, and each event ten times', async () => {
  const letters = 120;
  const topic = await kafka.create();
  const triage = await prepare([topic], { limits: { batchRecords: 10 } });
  await fill(topic, letters);
  const ends: string[] = [];
  for (let times = 0; times < 10; times += 1) {
    const runs = await Promise.all(Array.from({ length: 4 }, () => triage.run(sweep)));
    for (const { partitions } of runs) ends.push(...partitions.map(({ end }) => end));
  }
  expect(ends).toContain('done');
  await expectExact(triage, topic, letters);
  expectTold(triage.events, letters);
});
