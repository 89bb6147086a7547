import { normaliseValue } from './partition-value.ts';
import type { PartitionKey } from './path-template.ts';

// The only place where a time zone takes part: it tells when a folder's hour is over, and never what is in a table.

const units = ['year', 'month', 'day', 'hour', 'minute'] as const;

/**
 * The stretch of a local calendar that partition values name, as `2019`, `2019-09`, `2019-09-01`, `2019-09-01T01` or
 * `2019-09-01T01:30`; undefined when a key is none of year, month, day, hour, minute, `dt` or `date`, or one is left out
 * between others. Labels of one topic sort by time.
 */
export function calendarLabel(keys: readonly PartitionKey[], values: readonly string[]): string | undefined {
  const fields = new Map<string, string>();
  for (const [index, { name }] of keys.entries()) {
    const value = values[index] ?? '';
    const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
    if ((name === 'dt' || name === 'date') && date !== null)
      for (const [position, unit] of ['year', 'month', 'day'].entries()) fields.set(unit, date[position + 1] as string);
    else if (isUnit(name) && /^\d{1,4}$/.test(value)) fields.set(name, value.padStart(name === 'year' ? 4 : 2, '0'));
    else return undefined;
  }
  const own = units.slice(0, fields.size).map((unit) => fields.get(unit));
  if (own.length === 0 || own.includes(undefined)) return undefined;
  const [year, month, day, hour, minute] = own;
  return `${year}${month ? `-${month}` : ''}${day ? `-${day}` : ''}${hour ? `T${hour}` : ''}${minute ? `:${minute}` : ''}`;
}

/** The values of a label for these keys, the inverse of {@link calendarLabel}; numbers of text keys have their zeros. */
export function labelValues(keys: readonly PartitionKey[], label: string): string[] {
  const fields = label.split(/[-T:]/);
  return keys.map(({ name, type }) =>
    isUnit(name) ? normaliseValue(type, fields[units.indexOf(name)] ?? '') : fields.slice(0, 3).join('-'),
  );
}

/** The label of the same unit that comes so many units later, or earlier when negative. */
export function shiftLabel(label: string, count: number): string {
  const fields = label.split(/[-T:]/).map(Number);
  const unit = fields.length - 1;
  fields[unit] = (fields[unit] as number) + count;
  return writeLabel(localTime(fields), unit);
}

/** How many units one label is after another of the same unit. */
export function labelsBetween(from: string, to: string): number {
  const [a, b] = [from, to].map((label) => label.split(/[-T:]/).map(Number));
  const unit = (a?.length ?? 1) - 1;
  if (unit < 2) return months(b) - months(a);
  return Math.round((localTime(b ?? []) - localTime(a ?? [])) / ([86_400_000, 3_600_000, 60_000][unit - 2] as number));

  function months([year = 0, month = 1]: readonly number[] = []): number {
    return unit === 0 ? year : year * 12 + month;
  }
}

/** The label, of the same unit as another one, in which a time (milliseconds since the epoch) lies in a zone. */
export function labelAt(time: number, zone: string, like: string): string {
  return writeLabel(time + zoneOffset(time, zone), like.split(/[-T:]/).length - 1);
}

/**
 * When a label is over in a zone for good, in milliseconds since the epoch: an hour that comes twice is over after the second
 * one, an hour that is skipped when the clock jumps over it.
 */
export function endOfLabel(label: string, zone: string): number {
  const start = localTime(label.split(/[-T:]/).map(Number));
  const end = localTime(shiftLabel(label, 1).split(/[-T:]/).map(Number));
  const day = 36 * 3_600_000;
  const offsets = [...new Set([zoneOffset(end - day, zone), zoneOffset(end + day, zone)])];
  const ends = offsets.flatMap((offset) => {
    const isOffset = (time: number): boolean => zoneOffset(time, zone) === offset;
    let [low, high] = [start - offset, end - offset];
    if (isOffset(high - 1)) return [high];
    if (!isOffset(low)) return [];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (isOffset(middle)) low = middle;
      else high = middle;
    }
    return [high];
  });
  return ends.length > 0 ? Math.max(...ends) : Math.min(...offsets.map((offset) => end - offset));
}

/** True for a zone of the IANA database, such as `America/New_York`, or `UTC`. */
export function isZone(zone: string): boolean {
  try {
    return formatter(zone) !== undefined;
  } catch {
    return false;
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError for no zone */
function formatter(zone: string): Intl.DateTimeFormat {
  let known = formatters.get(zone);
  if (known === undefined) {
    const two = '2-digit';
    known = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    formatters.set(zone, known);
  }
  return known;
}

/** Local time minus UTC, in milliseconds. */
function zoneOffset(time: number, zone: string): number {
  const seconds = Math.floor(time / 1_000) * 1_000;
  const parts = new Map(
    formatter(zone)
      .formatToParts(seconds)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const fields = ['year', 'month', 'day', 'hour', 'minute'].map((type) => parts.get(type as 'year') ?? 0);
  return localTime(fields) + (parts.get('second') ?? 0) * 1_000 - seconds;
}

function localTime([year = 1970, month = 1, day = 1, hour = 0, minute = 0]: readonly number[]): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute);
}

function writeLabel(local: number, unit: number): string {
  return new Date(local).toISOString().slice(0, [4, 7, 10, 13, 16][unit]);
}

function isUnit(name: string): name is (typeof units)[number] {
  return (units as readonly string[]).includes(name);
}
