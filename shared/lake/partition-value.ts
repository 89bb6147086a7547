import { defaultPartition } from './partition-name.ts';

/** The type of a partition key: text, or a 32-bit integer that Hive stores without leading zeros. */
export type KeyType = 'string' | 'int';

const twoDigits = /^\d{1,2}$/;
const ranges: ReadonlyMap<string, readonly [RegExp, number, number]> = new Map([
  ['year', [/^\d{4}$/, 1, 9999]],
  ['month', [twoDigits, 1, 12]],
  ['day', [twoDigits, 1, 31]],
  ['hour', [twoDigits, 0, 23]],
  ['minute', [twoDigits, 0, 59]],
]);
const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Says why values cannot be partition values, or undefined when they can. Keys called year, month, day, hour, minute
 * hold calendar numbers (a day that its month does not have is refused); a `dt` or `date` of the form `2019-09-01`
 * likewise; a key of type int holds a 32-bit integer. Nothing else is judged, and no time zone takes part.
 */
export function checkValue(
  keys: readonly { readonly name: string; readonly type: KeyType }[],
  values: ReadonlyMap<string, string>,
): string | undefined {
  for (const key of keys) {
    const value = values.get(key.name);
    if (value === undefined || value === defaultPartition) continue;
    const range = ranges.get(key.name);
    if (range !== undefined) {
      const [digits, low, high] = range;
      if (!digits.test(value) || Number(value) < low || Number(value) > high) return `'${value}' is no ${key.name}`;
    }
    if (key.type === 'int' && !isInt(value)) return `'${value}' of ${key.name} is no 32-bit integer`;
    const isDay = key.name === 'dt' || key.name === 'date';
    const date = isDay && /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
    if (date && !isDate(date[1], date[2], date[3])) return `'${value}' is no date`;
  }
  const [year, month, day] = ['year', 'month', 'day'].map((name) => values.get(name));
  const calendar = [year, month, day].every((value) => value !== undefined && value !== defaultPartition);
  if (calendar && !isDate(year, month, day)) return `${year}-${month}-${day} is no date`;
  return undefined;
}

/** The value as Hive stores it: an int without leading zeros, text as it is. */
export function normaliseValue(type: KeyType, value: string): string {
  return type === 'int' && value !== defaultPartition ? String(Number(value)) : value;
}

function isInt(value: string): boolean {
  return /^-?\d{1,10}$/.test(value) && Math.abs(Number(value)) < 2 ** 31;
}

function isDate(year = '', month = '', day = ''): boolean {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  return m >= 1 && m <= 12 && d >= 1 && d <= (m === 2 && !leap ? 28 : (days[m - 1] as number));
}
