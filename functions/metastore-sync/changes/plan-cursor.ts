import type { TopicView, ViewedPartition } from '../view.ts';

/** Where a table's cursor goes. */
export interface PlannedCursor {
  /** The cursor's text as it was read; undefined when there was none. It is stored only while the table has this. */
  readonly from?: string;
  readonly snapshot: string;
  /** Partition folders, relative to the topic, that are to be looked at again. */
  readonly again: readonly string[];
}

/** With more than this, the cursor stays where it is. */
const againAtMost = 32;

/** The table's next cursor; undefined when it stays. Pure. */
export function planCursor(view: TopicView): PlannedCursor | undefined {
  const { look, settings, complete, partitions } = view;
  if (look?.snapshot === undefined || complete === false) return undefined;
  const again = partitions.filter(mayChangeUnseen).map(({ path }) => path.slice(settings.location.length + 1));
  if (again.length > againAtMost) return undefined;
  const { from, snapshot } = look;
  return { ...(from === undefined ? {} : { from }), snapshot, again };
}

/** True when a file is empty or cannot be read: it may be open, and HDFS reports no change when such a file is closed. */
function mayChangeUnseen({ files }: ViewedPartition): boolean {
  return files.some(({ length, footer }) => length === 0 || (footer !== undefined && 'problem' in footer));
}
