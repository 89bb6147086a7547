import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import type { LakeReport } from '../../cli/report/lake-report.ts';
import { lakewarden } from '../support/cli.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { findFreePort } from '../support/function-process.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { objectionsTo } from '../support/lake-report.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writtenSettings } from '../support/sync-process.ts';
import { type TriageLake, useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const lake = useSyncLake({ completeness: { latenessMinutes: 0 } });
const prepare = useTriage(kafka);
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-lake-report-'));
afterAll(() => rmSync(temp, { recursive: true }));

const hourMs = 3_600_000;
/** Six hours ago: whatever is said of these hours, they are over. */
const start = Math.floor(Date.now() / hourMs - 6) * hourMs;
const label = (hour: number): string => new Date(start + hour * hourMs).toISOString().slice(0, 13);

/** A topic of three hours in Kafka, of which two are in the lake. */
async function twoOfThreeHours(): Promise<string> {
  const topic = await kafka.create();
  for (const hour of [0, 1, 2]) {
    const records = Array.from({ length: 10 }, (_, index) => [0, start + hour * hourMs + index] as const);
    await kafka.topics.write(topic, records);
    const name = `${topic}+0+${String(hour * 10).padStart(10, '0')}+${String(hour * 10 + 9).padStart(10, '0')}.parquet`;
    const path = `${topic}/${label(hour).replaceAll(/[-T]/g, '/')}/${name}`;
    const rows = Array.from({ length: 10 }, (__, id) => ({ id }));
    if (hour < 2) await lake.put(path, parquetBytes({ id: 'int' }, rows));
  }
  return topic;
}

function letters(topic: string, messages: readonly string[]): NewRecord[] {
  return messages.map((message, index) => ({
    topic,
    partition: 0,
    timestamp: BigInt(Date.now() - 60_000),
    key: Buffer.from(message),
    value: Buffer.from(JSON.stringify({ note: message })),
    headers: connectHeaders({ ...failure, message, stack: `a.b.C: ${message}`, offset: BigInt(index) }),
  }));
}

async function read(triage: TriageLake, brokers = [kafka.broker], ...args: string[]): Promise<LakeReport> {
  const sync = {
    ...writtenSettings(lake),
    completeness: { latenessMinutes: 0 },
    kafka: { brokers, deadlineSeconds: 3 },
  };
  writeFileSync(join(temp, 'metastore-sync.json'), JSON.stringify(sync));
  writeFileSync(join(temp, 'dead-letter-triage.json'), JSON.stringify({ ...triage.written, kafka: { brokers } }));
  const { out, err } = await lakewarden(['report', '--settings', temp, '--json', ...args], { cwd: temp });
  if (out === '') throw new Error(err);
  const made = JSON.parse(out) as LakeReport;
  expect(objectionsTo(made)).toEqual([]);
  return made;
}

test('the report tells how far topics are complete, and which letters are dead', async () => {
  const topic = await twoOfThreeHours();
  await lake.apply();
  const dead = await kafka.create(1, { 'retention.ms': '7200000' });
  const triage = await prepare([dead]);
  await writeLetters(kafka, letters(dead, ['no room', 'no room', 'no room at all in this inn']));
  await triage.run();
  const before = await lake.clients.metastore.table(lake.database, topic.replaceAll('-', '_'));

  const made = await read(triage, [kafka.broker], '--state', 'reports');
  expect(made.tables).toMatchObject({
    state: 'read',
    facts: { tables: [{ topic, registered: 2, completeness: { complete: label(1), lag: '10', gaps: 0 } }] },
  });
  const groups = await triage.groups(dead);
  expect(made.letters).toMatchObject({
    state: 'read',
    facts: {
      openGroups: groups.length,
      openLetters: 3,
      topics: [{ topic: dead, openLetters: 3, lost: '0', isRetentionKnown: true, deletedInMs: expect.any(Number) }],
    },
  });
  expect(made.costs.map(({ part, calls }) => [part, (calls['Kafka'] ?? 0) > 0])).toContainEqual(['dead letters', true]);
  expect(await lake.clients.metastore.table(lake.database, topic.replaceAll('-', '_'))).toEqual(before);

  await writeLetters(kafka, letters(dead, ['something else entirely']));
  await triage.run();
  const next = await read(triage, [kafka.broker], '--state', 'reports');
  expect(next.since).toMatchObject({
    state: 'read',
    facts: { newGroups: [expect.stringContaining(dead)], goneGroups: [] },
  });

  const blind = await read(triage, [`127.0.0.1:${await findFreePort()}`], '--seconds', '20');
  expect(blind.letters).toMatchObject({ state: 'unknown', reason: expect.stringContaining('kafka.unavailable') });
  expect(blind.tables).toMatchObject({
    facts: { tables: [{ registered: 2, completeness: { gaps: 0, unknown: expect.any(String) } }] },
  });
});
