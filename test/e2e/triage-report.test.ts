import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { deadLetterTriage } from '#functions/dead-letter-triage/function.ts';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { renderMarkdown } from '#functions/dead-letter-triage/report/markdown.ts';
import { renderPage } from '#functions/dead-letter-triage/report/page.ts';
import { readFacts } from '#functions/dead-letter-triage/report/read-facts.ts';
import type { Report } from '#functions/dead-letter-triage/report/report.ts';
import { readEnvironment } from '#shared/config/environment.ts';
import { startHost } from '#shared/host/host.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { createLog } from '#shared/observe/log.ts';
import { lakewarden } from '../support/cli.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { reportOptions } from '../support/report-facts.ts';
import { secretTexts } from '../support/secrets.ts';
import { type TriageLake, useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Letters of one cause each, told by a sink connector. */
function letters(topic: string, messages: readonly string[], partition = 0): NewRecord[] {
  return messages.map((message, index) => ({
    topic,
    partition,
    timestamp: BigInt(Date.now() - 60_000),
    key: Buffer.from(message),
    value: Buffer.from(JSON.stringify({ note: message })),
    headers: connectHeaders({
      ...failure,
      message,
      stack: `a.b.C: ${message}\n\tat a.b.C.d(C.java:1)`,
      offset: BigInt(index),
    }),
  }));
}

/** Runs `lakewarden triage report` with the settings of a test. */
async function runReport({ written }: TriageLake, ...args: string[]): Promise<string> {
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(written));
  const { code, out, err } = await lakewarden(['triage', 'report', '--config', 'settings.json', ...args], {
    cwd: folder,
  });
  expect([code, err]).toEqual([0, '']);
  return out;
}

test('the report tells of groups in all partitions, of letters that wait, and of retention', async () => {
  const topic = await kafka.create(2, { 'retention.ms': '7200000' });
  const triage = await prepare([topic]);
  await writeLetters(kafka, [...letters(topic, ['no room', 'no room']), ...letters(topic, ['no room'], 1)]);
  await triage.run();
  await writeLetters(kafka, letters(topic, ['later', 'later'], 1));
  const data = JSON.parse(await runReport(triage, '--format', 'json')) as Report;
  expect(data.totals).toMatchObject({ openGroups: 1, openLetters: 3, letters: 3, lost: '0' });
  // Each commit leaves a marker in the log, which is an offset as well.
  expect(data.topics).toMatchObject([
    {
      topic,
      partitions: 2,
      openGroups: 1,
      openLetters: 3,
      isRetentionKnown: true,
      threat: { by: 'time', isNear: true },
    },
  ]);
  expect(Number(data.topics[0]?.unread)).toBeGreaterThanOrEqual(2);
  expect(data.groups).toMatchObject([{ topic, letters: 3, places: [{ letters: 2 }, { letters: 1 }] }]);
  expect(await runReport(triage, '--output', 'report.html')).toBe('report.html: 1 open group, 3 letters\n');
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Retention deletes unhandled letters');
  expect(await runReport(triage, '--format', 'markdown', '--topic', 'another')).toContain('0 open groups');
});

test('before the first run it tells what waits, and makes nothing', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic]);
  await writeLetters(kafka, letters(topic, ['x', 'y', 'z']));
  const state = `${topic}-state`;
  const settings = { ...triage.settings, state: { ...triage.settings.state, topic: state } };
  const { partitions } = await readFacts({ clients: triage.tools.clients, settings, now: Date.now() });
  expect(partitions).toMatchObject([{ topic, groups: [], log: { earliest: 0n } }]);
  expect(partitions[0]).not.toHaveProperty('position');
  expect(await triage.tools.clients.admin.describe(state)).toBeUndefined();
});

test('the replay that it prepares is one that replay plan takes, of exactly the letters of the group', async () => {
  const [topic, origin] = [await kafka.create(), await kafka.create()];
  const component = '*';
  const rules = [
    { name: 'all', match: { component }, action: 'replay', expect: [{ given: { component: 'x' }, action: 'replay' }] },
  ];
  const triage = await prepare([topic], { rules });
  const told = { ...failure, topic: origin, partition: 0 };
  const records = letters(topic, ['no room', 'no way', 'no room']);
  const messages = records.map((record) => JSON.parse(String(record.value)).note as string);
  await writeLetters(
    kafka,
    records.map((record, index) => ({
      ...record,
      headers: connectHeaders({ ...told, message: messages[index] ?? '', stack: '', offset: BigInt(index) }),
    })),
  );
  await triage.run();
  const { clients, settings } = triage.tools;
  const { groups } = makeReport(await readFacts({ clients, settings, now: Date.now() }), reportOptions);
  expect(groups.map((group) => group.letters)).toEqual([2, 1]);
  const step = groups[0]?.next.find(({ file }) => file !== undefined);
  writeFileSync(join(folder, step?.file?.name ?? ''), step?.file?.content ?? '');
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(triage.written));
  const [, ...words] = step?.command?.split(' > ')[0]?.split(' ') ?? [];
  const { out, err } = await lakewarden(words, { cwd: folder, env: { LAKEWARDEN_CONFIG: 'settings.json' } });
  expect(err).toBe('');
  expect(JSON.parse(out)).toMatchObject({ summary: { selected: 2 } });
});

test('a limit by size is told before it deletes letters', async () => {
  const topic = await kafka.create(1, { 'retention.bytes': '100' });
  const triage = await prepare([topic]);
  await writeLetters(kafka, letters(topic, ['no room']));
  await triage.run();
  const { clients, settings } = triage.tools;
  const made = makeReport(await readFacts({ clients, settings, now: Date.now() }), reportOptions);
  expect(made.topics).toMatchObject([{ isRetentionKnown: true, threat: { by: 'size', leftMs: 0, isNear: true } }]);
});

test('no secret of letters is in the state, in events, in the log, in metrics or in any report', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic]);
  await writeLetters(
    kafka,
    letters(
      topic,
      secretTexts.map(([text]) => text),
    ),
  );
  const logged: string[] = [];
  const receiver = new EventReceiver();
  const host = await startHost(deadLetterTriage, {
    env: {},
    environment: readEnvironment({ K_SINK: await receiver.start() }),
    values: triage.written,
    log: createLog({ function: 'dead-letter-triage', level: 'trace' }, { write: (line) => void logged.push(line) }),
  });
  const rawHeaders = [
    'ce-specversion',
    '1.0',
    'ce-id',
    '1',
    'ce-source',
    '/test',
    'ce-type',
    'dev.knative.sources.ping',
  ];
  const answer = await host.answer({ method: 'POST', url: '/', rawHeaders, body: Buffer.alloc(0) });
  const metrics = await host.metrics.text();
  await host.stop();
  receiver.stop();
  expect([answer.statusCode, metrics]).toEqual([204, expect.stringContaining('lakewarden_triage_letters_total')]);
  const events = receiver.take().map(({ body }) => body);
  expect(events.length).toBeGreaterThan(secretTexts.length / 2);
  expect(logged).not.toEqual([]);
  const { clients, settings } = triage.tools;
  const report = makeReport(await readFacts({ clients, settings, now: Date.now() }), reportOptions);
  expect(report.totals.letters).toBe(secretTexts.length);
  const outputs = [renderPage(report), renderMarkdown(report), JSON.stringify(report)];
  const texts = [...outputs, JSON.stringify(await triage.groups(topic)), ...events, ...logged, metrics];
  // Digits may be in names and times, which are others at each run: unit tests look for those.
  const parts = secretTexts.map(([, part]) => part.toLowerCase()).filter((part) => /[g-z].{3}/.test(part));
  expect(parts.length).toBeGreaterThan(10);
  for (const text of texts.map((one) => one.toLowerCase()))
    expect(parts.filter((part) => text.includes(part))).toEqual([]);
});
