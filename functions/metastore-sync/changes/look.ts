import { asError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Table } from '#shared/hive/metastore.ts';
import type { TopicSettings } from '../config.ts';
import { readCursor } from './cursor.ts';
import type { Problem } from '../problem.ts';
import { snapshotProperty } from '../properties.ts';
import { type Changes, judgeDifferences } from './snapshot-changes.ts';
import type { Snapshots } from './snapshots.ts';

/** How a run looked for changes of one topic. */
export interface Look {
  /** What changed since the table's cursor; undefined when only a walk can tell. */
  readonly changes?: Changes;
  /** The cursor's text as it was read. */
  readonly from: string | undefined;
  /** A snapshot that was taken before the look, for the next run to begin at. */
  readonly snapshot?: string;
}

/**
 * Asks HDFS what changed since the table's cursor. Without a cursor, or where HDFS cannot tell, everything is to be walked.
 * In a dry run, without `snapshots`, none is taken.
 */
export async function lookForChanges(
  hdfs: WebHdfs,
  topic: TopicSettings,
  table: Table | undefined,
  snapshots: Snapshots | undefined,
  report: (problem: Problem) => void,
): Promise<Look> {
  const from = table?.parameters?.get(snapshotProperty);
  const cursor = readCursor(table);
  const attempt = async <Result>(work: () => Promise<Result>, consequence: string): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (thrown) {
      const error = asError(thrown);
      if (error.disposition !== 'reject') throw error;
      const message = `${consequence} of ${topic.topic}: ${error.message}`;
      report({ code: 'snapshot.unavailable', topic: topic.topic, path: topic.location, message });
      return undefined;
    }
  };
  const compare = async (): Promise<Changes | undefined> => {
    if (cursor === undefined) return undefined;
    const differences = await attempt(
      () => hdfs.snapshotDiff(topic.location, cursor.snapshot, ''),
      'no snapshot tells the changes, so that a walk had to find them,',
    );
    if (differences === undefined) return undefined;
    return judgeDifferences(differences, topic.templates, cursor.again);
  };
  let changes = await compare();
  if (snapshots === undefined || changes?.due === false) return { from, ...(changes && { changes }) };
  const snapshot = await attempt(() => snapshots.take(), 'no snapshot can be taken');
  // What came between the first look and the snapshot would be seen by no run: look again.
  if (snapshot !== undefined && changes !== undefined) changes = await compare();
  return { from, ...(changes && { changes }), ...(snapshot !== undefined && { snapshot }) };
}
