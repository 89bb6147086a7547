import { expect } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import { asError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { CompactionLake } from './compaction-lake.ts';
import { parquetBytes } from './parquet-file.ts';

/** What partition-compaction does to an hour: joins its files; takes a merged one apart; writes it anew, in two ways. */
export const jobNames = ['merge', 'undo', 'rename', 'swap'] as const;
export type JobName = (typeof jobNames)[number];

/** The rows of the hour that `putHour` makes. */
export const hourRows: readonly string[] = [0, 1, 2, 3, 4, 5, 100, 101].map((id) => `{"id":${id}}`).toSorted();

/** The name that a merged file of the hour has: its end offset is the highest, as Kafka Connect counts. */
export const mergedName = 'a+0+0000000100+0000000101.parquet';

/** Does a job in the hour of a topic, by a client that may be disturbed. */
export async function doJob(
  lake: CompactionLake,
  job: JobName,
  topic: string,
  hdfs: WebHdfs = lake.hdfs,
): Promise<unknown> {
  if (job === 'undo') return undoMerge(`${lake.root}/${hourOf(topic)}/${mergedName}`, lake.undoTools(hdfs));
  const swap = job === 'rename' ? 'rename' : 'concat';
  const deepMerge = { swap, coldSeconds: 0, minRowGroups: 2 };
  const settings = job === 'merge' ? {} : { minFiles: 1_000, deepMerge };
  const tools = lake.tools({ hdfs, reader: new PieceReader(hdfs) }, settings);
  return lake.apply({ kind: 'full', topics: [topic] }, tools);
}

/** The hour of a topic, below the root. */
export function hourOf(topic: string): string {
  return `${topic}/2019/09/01/00`;
}

/** Makes an hour: four files, of which three are merged where a job needs that. */
export async function putHour(lake: CompactionLake, topic: string, job: JobName): Promise<string> {
  const hour = hourOf(topic);
  const put = (name: string, first: number): Promise<void> =>
    lake.put(`${hour}/${name}`, parquetBytes({ id: 'int' }, [{ id: first }, { id: first + 1 }]));
  await put('a+0+0000000000+0000000001.parquet', 0);
  await put('a+0+0000000002+0000000003.parquet', 2);
  await put(mergedName, 100);
  if (job !== 'merge') await doJob(lake, 'merge', topic);
  await put('part-9.parquet', 4);
  return hour;
}

/** Lets the time of all journals be over without waiting for it. */
export async function passTime(lake: CompactionLake, hour: string): Promise<void> {
  for (const name of await lake.hidden(hour))
    await lake.hdfs.setTimes(`${lake.root}/${hour}/${name}`, { modificationTime: 1_000_000 });
}

/** What may come of work that others disturb: nothing worse than a refusal. */
export async function tryTo(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    expect([String(error), asError(error).disposition]).not.toEqual([String(error), 'bug']);
  });
}

/** Expects that one more run brings the hour to its end: the rows, nothing hidden, nothing to complain of. */
export async function expectEnd(lake: CompactionLake, topic: string, about: unknown): Promise<void> {
  const hour = hourOf(topic);
  await passTime(lake, hour);
  const outcome = await lake.apply({ kind: 'full', topics: [topic] });
  const problems = outcome.partitions.flatMap((partition) => partition.problems);
  expect([about, outcome.problems, problems]).toEqual([about, [], []]);
  expect([about, await lake.rows(hour)]).toEqual([about, hourRows]);
  expect([about, await lake.hidden(hour)]).toEqual([about, []]);
}
