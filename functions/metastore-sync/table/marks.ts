import type { Table } from '#shared/hive/metastore.ts';
import { formatCursor, readCursor } from '../changes/cursor.ts';
import { formatOffsetState, type StoredOffsets } from '../completeness/offset-state.ts';
import type { TablePlan } from '../plan.ts';
import { offsetsProperty, snapshotProperty, walkAgainProperty, walkedProperty } from '../properties.ts';
import type { TableParameters } from './table-body.ts';

/** With more than this in a cursor it costs less to walk. */
const againAtMost = 1_000;

/** The parameters that a table must have before the plan's partitions are written, as far as it has not got them. */
export function marksBefore(plan: TablePlan, table: Table): Record<string, string> {
  const cursor = cursorBefore(plan, table);
  const again = plan.walkAgain?.during;
  return {
    ...(cursor === undefined ? {} : { [snapshotProperty]: cursor }),
    ...(again === undefined || again === table.parameters?.get(walkAgainProperty)
      ? {}
      : { [walkAgainProperty]: again }),
  };
}

/**
 * The text of the cursor that a table must have before the plan's partitions are written; undefined when it has it already,
 * or needs none. A file that came after the cursor's snapshot and goes again is in no difference: the partition that a run
 * once took it into must be looked at again, also when that run was killed. So must a partition that is to be dropped.
 */
function cursorBefore(plan: TablePlan, table: Table): string | undefined {
  const moves = plan.way === 'snapshot' && plan.cursor !== undefined;
  const cursor = moves ? plan.cursor : readCursor(table);
  const paths = [...plan.add, ...plan.change, ...plan.drop].map(({ path }) => path.slice(plan.path.length + 1));
  if (cursor === undefined || paths.length === 0) return undefined;
  const again = [...new Set([...cursor.again, ...paths])];
  if (!moves && again.length === cursor.again.length) return undefined;
  return again.length > againAtMost ? '' : formatCursor({ snapshot: cursor.snapshot, again }, table);
}

/** How far a plan brought its table, as the table's parameters; undefined for one that goes. */
export function marksAfter(
  { walkedUntil, walkAgain, cursor }: TablePlan,
  table: Table,
  offsets?: StoredOffsets,
): TableParameters {
  // Another run may have set it for folders of its own.
  const isOurs = walkAgain !== undefined && walkAgain.during === table.parameters?.get(walkAgainProperty);
  return {
    ...(isOurs ? { [walkAgainProperty]: walkAgain.after } : {}),
    ...(walkedUntil === undefined ? {} : { [walkedProperty]: String(walkedUntil) }),
    ...(cursor === undefined ? {} : { [snapshotProperty]: formatCursor(cursor, table) }),
    ...(offsets === undefined ? {} : { [offsetsProperty]: formatOffsetState(offsets, table) }),
  };
}
