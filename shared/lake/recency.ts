import type { PartitionKey } from './path-template.ts';

/**
 * Compares partition values from old to new: numbers by size, other text by code units. No clock and no time zone takes
 * part, so "the newest hours" are right wherever the writer's clock stands.
 */
export function compareValues(left: readonly string[], right: readonly string[]): number {
  for (const [index, a] of left.entries()) {
    const b = right[index];
    if (b === undefined) return 1;
    if (a === b) continue;
    const numeric = /^\d+$/.test(a) && /^\d+$/.test(b) ? Number(a) - Number(b) : 0;
    if (numeric !== 0) return numeric;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}

/**
 * True when values name a time after `now` plus a day and two hours, which no writer in any time zone can mean yet.
 * Knows the keys year, month, day and the keys dt and date as `2019-09-01`; anything else is never in the future.
 */
export function isFuture(keys: readonly PartitionKey[], values: readonly string[], now: Date): boolean {
  const latest = new Date(now.getTime() + 26 * 3_600_000).toISOString().slice(0, 10);
  const value = (name: string): string | undefined => values[keys.findIndex((key) => key.name === name)];
  const date = value('dt') ?? value('date');
  if (date !== undefined) return /^\d{4}-\d{2}-\d{2}$/.test(date) && date > latest;
  const parts = [value('year')?.padStart(4, '0'), value('month')?.padStart(2, '0'), value('day')?.padStart(2, '0')];
  const known = parts.slice(0, parts.includes(undefined) ? parts.indexOf(undefined) : 3).join('-');
  return known !== '' && known > latest.slice(0, known.length);
}
