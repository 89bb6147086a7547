import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { count, printable, renderTable } from '../cli/terminal.ts';
import { ring } from './broker.ts';
import { runCli } from './cli-process.ts';
import { countRecords } from './count-records.ts';
import { awaitRecords, type Ingested } from './ingest.ts';
import { askWhole, type Engines } from './queries.ts';
import type { SyncResult } from './queryable.ts';
import { requireEqual, say, showEvents, step } from './screen.ts';
import { topics } from './settings.ts';
import type { Stage } from './stage.ts';
import type { Truth } from './truth.ts';

interface TriageResult {
  readonly status: string;
  readonly letters: number;
  readonly setAside: number;
  readonly files: number;
}

interface ReplayResult {
  readonly end: string;
  readonly written: number;
}

/** The fifth act: why letters are dead, and how some of them live again, once. */
export async function raiseTheDead(stage: Stage, engines: Engines, raw: Ingested, truth: Truth): Promise<void> {
  const { broker, functions, link } = stage;
  const { faults, records } = raw;
  const triage = functions['dead-letter-triage'];
  const { letters } = await step(
    'Ring dead-letter-triage',
    () => ring<TriageResult>(triage, 'dev.knative.sources.ping', {}),
    (done) =>
      `${done.status}: ${count(done.letters, 'letter')} read, ${done.setAside} set aside in ${done.files} files`,
  );
  const dead = faults.renamed + faults.text + faults.cut + faults.packed;
  requireEqual('letters', letters, dead + faults.cut + faults.packed);
  const opened = (await broker.take()).filter(({ type }) => type === 'dev.lakewarden.deadletter.group.opened');
  const rows = opened.map(({ data }) => {
    const { topic, component, message, action } = data as Record<string, string>;
    return [
      Number(data['letters']),
      topic ?? '',
      component ?? '',
      data['class'] as string,
      shorten(message ?? ''),
      action ?? '',
      data['group'] as string,
    ];
  });
  for (const line of renderTable(['letters', 'topic', 'who', 'class', 'message', 'best', 'group'], rows).split('\n'))
    say(line);

  const group = opened.find(({ data }) => String(data['message']).endsWith('is no text'))?.data['group'];
  const written = join(stage.folder, 'replay.yaml');
  const text = [
    'name: destination-again',
    `filter: { topic: ${topics.dead}, fingerprints: ['${String(group)}'] }`,
    'transforms: [{ rename: /dest, to: /destination }]',
  ];
  writeFileSync(written, `${text.join('\n')}\n`);
  const plan = await step(
    'The repair is a file that people review; `lakewarden replay plan` says exactly what it would do',
    async () => {
      for (const line of text) say(line);
      const config = join(stage.settings, 'dead-letter-triage.json');
      return JSON.parse(await runCli('replay', 'plan', written, '--config', config, '--json')) as {
        plan: string;
        summary: { replayed: number };
      };
    },
    ({ plan: id, summary }) => `plan ${id}: ${count(summary.replayed, 'letter')} would be replayed`,
  );
  requireEqual('letters of the plan', plan.summary.replayed, faults.renamed);

  const replay = (): Promise<ReplayResult> => ring<ReplayResult>(triage, 'dev.lakewarden.replay.requested', { plan });
  await step('Apply it', replay, ({ end, written: sent }) => `${end}: ${count(sent, 'letter')} went back`);
  showEvents(await broker.take());
  const flights = records.length - dead + faults.renamed;
  const content = await step(
    'Flink reads them as if they came from the airport',
    async () => {
      await awaitRecords(stage, topics.processed, flights);
      await raw.flink.settle(raw.job);
      return await countRecords(link, topics.processed, 1);
    },
    (found) => `${topics.processed}: ${found.records} flights, ${found.keys} different ones`,
  );
  requireEqual('flights that are there once', content.keys, content.records);
  const again = await step('Apply the same plan again', replay, ({ written: sent }) => `${sent} went back`);
  requireEqual('letters that went back a second time', again.written, 0);
  const { records: sent } = await countRecords(link, topics.raw, 2);
  requireEqual(`records in ${topics.raw}`, sent, records.length + faults.renamed);
  say(`${topics.raw}: ${records.length} + ${faults.renamed} = ${sent} events; each repaired one is there once`);

  truth.add(records.map(repair));
  await step(
    'Ring metastore-sync: late files came into hours that were merged',
    () => ring<SyncResult>(functions['metastore-sync'], 'dev.knative.sources.ping', { scope: 'full' }),
    ({ status }) => status,
  );
  showEvents(await broker.take());
  await askWhole(engines, truth, 'with those that came back');
  const quiet = await ring<TriageResult>(triage, 'dev.knative.sources.ping', {});
  requireEqual('letters that came back', quiet.letters, 0);
}

/** The events that lacked their destination, as they are after the repair; all others as nothing. */
function repair({ value }: NewRecord): Pick<NewRecord, 'value'> {
  const text = Buffer.from(value ?? []).toString();
  return { value: text.includes('"dest":') ? Buffer.from(text.replace('"dest":', '"destination":')) : null };
}

function shorten(text: string): string {
  return printable(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
