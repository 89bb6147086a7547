import type { Table } from '#shared/hive/metastore.ts';
import { walkAgainProperty, walkedProperty } from '../properties.ts';

/** What a table says about older folders that whole walks must look at: while a plan is applied, and after it was. */
export interface WalkAgain {
  readonly during: string;
  readonly after?: string;
}

/** Milliseconds up to which a whole walk need not look at folders again. */
export function walkedUntilMark({ parameters }: Table): number {
  const again = parameters?.get(walkAgainProperty);
  const mark = Number(parameters?.get(walkedProperty)) || 0;
  return again === undefined ? mark : Math.min(mark, Number(again) || 0);
}

/**
 * A partition whose columns get statistics is registered first, and done when it has them. Should the run end between the
 * two, the next walk must look at its folder, even when that is older than the last walk. `oldest` is the time of the
 * oldest folder to be registered; `walked` tells that this run looked at all that was to be looked at again.
 */
export function planWalkAgain(table: Table | undefined, oldest: number, walked: boolean): WalkAgain | undefined {
  if (table === undefined) return undefined;
  const pending = table.parameters?.get(walkAgainProperty);
  const mark = walkedUntilMark(table);
  const during = mark > 0 && oldest <= mark ? String(Math.max(0, oldest - 1)) : pending;
  const after = walked ? undefined : pending;
  if (during === undefined || during === after) return undefined;
  return { during, ...(after === undefined ? {} : { after }) };
}
