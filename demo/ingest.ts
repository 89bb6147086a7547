import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Producer } from '@platformatic/kafka';
import { messageOf } from '#shared/kafka/message.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { count, size } from '../cli/terminal.ts';
import { ConnectWorker } from '../test/support/connect-worker.ts';
import { countRecords } from './count-records.ts';
import { FlinkJobs } from './flink-jobs.ts';
import { type RawFlights, rawFlights } from './raw-flights.ts';
import { requireEqual, say, step } from './screen.ts';
import { golden, topics } from './settings.ts';
import type { Stage } from './stage.ts';
import type { Truth } from './truth.ts';

const rawPartitions = 2;
/** Events come in so many waves, and each leaves a file in each hour for each of Flink's two writers. */
const waves = Number(process.env['WAVES'] ?? 28);
const checkpointMs = 100;

/** What was sent, and the job that reads it. */
export interface Ingested extends RawFlights {
  readonly flink: FlinkJobs;
  readonly job: string;
}

/** The first act: events go into Kafka, Flink sorts them and lands Parquet; a sink of Kafka Connect runs beside it. */
export async function ingest(stage: Stage, truth: Truth): Promise<Ingested> {
  const { addresses, link, hdfs } = stage;
  const admin = new TopicAdmin(link);
  for (const [topic, partitions] of [
    [topics.raw, rawPartitions],
    [topics.processed, 1],
    [topics.dead, 1],
    [topics.sinkDead, 1],
  ] as const)
    await admin.create(topic, { partitions });
  const flink = new FlinkJobs(addresses.flink as string);
  const job = await step(
    'Hand a job to Flink: what is a flight goes on, the rest to a dead letter topic, Parquet by the hour to HDFS',
    async () => {
      const folder = `${addresses.defaultFs}${golden}/${topics.processed}`;
      const names = [topics.raw, topics.processed, topics.dead];
      const args = [addresses.kafka as string, ...names, folder, String(checkpointMs), String(rawPartitions)];
      return await flink.start('FlightsJob.java', args);
    },
    (id) => `job ${id.slice(0, 8)} runs, a checkpoint every ${checkpointMs} ms, exactly once`,
  );
  const sinkFile = join(stage.folder, 'flights-sink.txt');
  await step(
    'Start a sink of Kafka Connect on the same topic, with a dead letter topic of its own',
    () => startSink(addresses.connect as string, sinkFile),
    () => 'FileStreamSink with JsonConverter (Confluent’s HDFS sink is not on Maven Central)',
  );

  const raw = await rawFlights(topics.raw, rawPartitions, 2, Date.now());
  const { records, faults } = raw;
  truth.add(records);
  const bad = faults.renamed + faults.cut + faults.text + faults.packed;
  const began = performance.now();
  await step(
    `Send two days of flights as ${count(records.length, 'event')}, in ${waves} waves, some of them broken`,
    async (tell) => {
      await sendWaves(stage, raw, flink, job, tell);
      await awaitRecords(stage, topics.processed, records.length - bad);
      await awaitRecords(stage, topics.dead, bad);
      await flink.settle(job);
    },
    () =>
      `${faults.renamed} call a field by another name, ${faults.text} have text for a number, ${faults.cut} are cut, ${faults.packed} are gzip`,
  );
  const seconds = (performance.now() - began) / 1_000;
  await step(
    'What Flink and Connect made of them',
    async () => {
      const sunk = records.length - faults.cut - faults.packed;
      const until = performance.now() + 60_000;
      while (linesOf(sinkFile) < sunk && performance.now() < until) await sleep(50);
      requireEqual('lines of the sink', linesOf(sinkFile), sunk);
      await awaitRecords(stage, topics.sinkDead, records.length - sunk);
      return await hdfs.contentSummary(`${golden}/${topics.processed}`);
    },
    ({ fileCount, length }) =>
      `${fileCount} Parquet files in ${truth.hours().length} hours, ${size(length)}, ${Math.round(fileCount / seconds)} a second`,
  );
  say(
    `${topics.raw.padEnd(18)} ${records.length} events`,
    `${topics.processed.padEnd(18)} ${records.length - bad} flights`,
    `${topics.dead.padEnd(18)} ${bad} dead letters of Flink`,
    `${topics.sinkDead.padEnd(18)} ${faults.cut + faults.packed} dead letters of the sink, which wrote ${records.length - faults.cut - faults.packed} lines`,
  );
  return { ...raw, flink, job };
}

async function startSink(address: string, file: string): Promise<void> {
  await new ConnectWorker(address).start('flights-sink', {
    'connector.class': 'FileStreamSink',
    topics: topics.raw,
    file,
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': false,
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': topics.sinkDead,
    'errors.deadletterqueue.topic.replication.factor': 1,
    'errors.deadletterqueue.context.headers.enable': true,
    'consumer.override.auto.offset.reset': 'earliest',
  });
}

/** Sends a wave when what came before it is in files. */
async function sendWaves(
  { addresses }: Stage,
  { records }: RawFlights,
  flink: FlinkJobs,
  job: string,
  tell: (text: string) => void,
): Promise<void> {
  const gates = new Producer({ clientId: 'gates', bootstrapBrokers: [addresses.kafka as string], retries: 10 });
  const length = Math.ceil(records.length / waves);
  try {
    for (let start = 0; start < records.length; start += length) {
      const messages = records.slice(start, start + length).map(messageOf);
      await gates.send({ messages, acks: -1 });
      await flink.settle(job);
      if ((start / length) % 4 === 3) tell(`${start + messages.length} events`);
    }
  } finally {
    await gates.close();
  }
}

/** Waits until a topic of one partition has so many committed records. @throws when there are more */
export async function awaitRecords({ link }: Stage, topic: string, wanted: number): Promise<void> {
  const until = performance.now() + 120_000;
  for (;;) {
    const { records } = await countRecords(link, topic, 1);
    if (records === wanted) return;
    if (records > wanted || performance.now() > until) requireEqual(`records in ${topic}`, records, wanted);
    await sleep(100);
  }
}

function linesOf(file: string): number {
  try {
    return readFileSync(file, 'latin1').split('\n').length - 1;
  } catch {
    return 0;
  }
}
