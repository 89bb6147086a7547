import { beforeAll, describe, expect, test } from '@jest/globals';
import { type RawFlights, rawFlights } from '../../../demo/raw-flights.ts';
import { Truth } from '../../../demo/truth.ts';

let raw: RawFlights;
const truth = new Truth();
beforeAll(async () => {
  raw = await rawFlights('flights-raw', 2, 1, 1_700_000_000_000);
  truth.add(raw.records);
});

/** The rows of an hour as an engine answers them, where nothing went wrong. */
function rowsOf(day: string, hour: string): Record<string, string | number>[] {
  return raw.records.flatMap(({ value }) => {
    try {
      const flight = JSON.parse(String(value)) as Record<string, string | number>;
      const isWhole = typeof flight['delay'] === 'number' && flight['destination'] !== undefined;
      return isWhole && String(flight['departure']).startsWith(`2001-01-${day}T${hour}`) ? [flight] : [];
    } catch {
      return [];
    }
  });
}

describe('the events of the demo', () => {
  test('tell each flight of the data set once, and arrive with all hours mixed', () => {
    expect(raw.records).toHaveLength(14_828);
    expect(new Set(raw.records.map(({ key }) => String(key))).size).toBe(14_828);
    const early = new Set(raw.records.slice(0, 500).map(({ value }) => /T(\d\d):/.exec(String(value))?.[1]));
    expect(early.size).toBeGreaterThan(15);
  });

  test('are broken in as many ways as they say', () => {
    const { renamed, cut, text, packed } = raw.faults;
    expect([cut, text, packed].every((count) => count > 0)).toBe(true);
    expect(truth.rows).toBe(raw.records.length - renamed - cut - text - packed);
  });
});

describe('an answer about an hour', () => {
  const rows = () => rowsOf('01', '09');

  test('is right when it has the rows that were sent, in any order', () => {
    expect(rows().length).toBeGreaterThan(100);
    expect(truth.isHour('01', '09', rows().toReversed())).toBe(true);
  });

  test.each<[string, (all: Record<string, string | number>[]) => Record<string, string | number>[]]>([
    ['lacks a row', (all) => all.slice(1)],
    ['has a row twice', (all) => [...all, all[0] ?? {}]],
    ['has one row twice and lacks another', (all) => [...all.slice(1), all[1] ?? {}]],
    ['has another value', ([first, ...others]) => [{ ...first, delay: 1_000 }, ...others]],
    ['has NULL', ([first, ...others]) => [{ ...first, origin: null as unknown as string }, ...others]],
    ['is empty', () => []],
  ])('is wrong when it %s', (_, change) => {
    expect(truth.isHour('01', '09', change(rows()))).toBe(false);
  });
});
