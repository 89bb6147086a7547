import { describe, expect, test } from '@jest/globals';
import {
  calendarLabel,
  endOfLabel,
  isZone,
  labelAt,
  labelsBetween,
  labelValues,
  shiftLabel,
} from '#shared/lake/calendar.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';

const end = (label: string, zone: string): string => new Date(endOfLabel(label, zone)).toISOString().slice(0, 16);

describe('the label of partition values', () => {
  test.each([
    ['{year}/{month}/{day}/{hour}', ['2019', '09', '01', '01'], '2019-09-01T01'],
    ['{year}/{month}/{day}/{hour:int}', ['2019', '09', '01', '1'], '2019-09-01T01'],
    ['dt={dt}/hour={hour}', ['2019-09-01', '23'], '2019-09-01T23'],
    ['{year}/{month}', ['2019', '09'], '2019-09'],
    ['{hour}/{year}/{month}/{day}/{minute}', ['01', '2019', '09', '01', '30'], '2019-09-01T01:30'],
    ['{date}', ['2019-09-01'], '2019-09-01'],
  ])('%s', (template, values, label) => {
    const { keys } = parseTemplate(template);
    expect(calendarLabel(keys, values)).toBe(label);
    expect(labelValues(keys, label)).toEqual(values);
  });

  test.each([
    ['{country}/{year}', ['de', '2019']],
    ['{year}/{day}', ['2019', '01']],
    ['{hour}', ['01']],
    ['dt={dt}', ['yesterday']],
    ['{year}', ['__HIVE_DEFAULT_PARTITION__']],
  ])('%s has none', (template, values) => {
    expect(calendarLabel(parseTemplate(template).keys, values)).toBeUndefined();
  });
});

test('labels follow one another over months, leap days and years', () => {
  expect(shiftLabel('2019-12-31T23', 1)).toBe('2020-01-01T00');
  expect(shiftLabel('2020-02-28', 1)).toBe('2020-02-29');
  expect(shiftLabel('2020-01', -1)).toBe('2019-12');
  expect(shiftLabel('2019', 1)).toBe('2020');
  expect(shiftLabel('2019-09-01T01:59', 1)).toBe('2019-09-01T02:00');
  for (const [label, count] of [
    ['2019-12-31T23', 25],
    ['2020-01', 30],
    ['2019', 3],
    ['2020-02-28', 366],
    ['2019-09-01T01:59', 61],
  ] as const)
    expect(labelsBetween(label, shiftLabel(label, count))).toBe(count);
});

test('the label of a time is that of the writer’s clock', () => {
  const time = Date.UTC(2019, 8, 1, 3, 30);
  expect(labelAt(time, 'UTC', '2000-01-01T00')).toBe('2019-09-01T03');
  expect(labelAt(time, 'America/New_York', '2000-01-01T00')).toBe('2019-08-31T23');
  expect(labelAt(time, 'Asia/Kolkata', '2000-01-01')).toBe('2019-09-01');
});

describe('an hour is over', () => {
  test.each([
    ['2019-09-01T01', 'UTC', '2019-09-01T02:00'],
    ['2019-09-01T01', 'Asia/Kolkata', '2019-08-31T20:30'],
    // 2019-03-10 02:00 EST is 03:00 EDT: there is no hour 02.
    ['2019-03-10T01', 'America/New_York', '2019-03-10T07:00'],
    ['2019-03-10T02', 'America/New_York', '2019-03-10T07:00'],
    ['2019-03-10T03', 'America/New_York', '2019-03-10T08:00'],
    // 2019-11-03 02:00 EDT is 01:00 EST: hour 01 comes twice.
    ['2019-11-03T00', 'America/New_York', '2019-11-03T05:00'],
    ['2019-11-03T01', 'America/New_York', '2019-11-03T07:00'],
    ['2019-11-03T02', 'America/New_York', '2019-11-03T08:00'],
    // Lord Howe moves by half an hour: 2019-10-06 02:00 is 02:30, and 2019-04-07 02:00 is 01:30.
    ['2019-10-06T01', 'Australia/Lord_Howe', '2019-10-05T15:30'],
    ['2019-10-06T02', 'Australia/Lord_Howe', '2019-10-05T16:00'],
    ['2019-04-07T00', 'Australia/Lord_Howe', '2019-04-06T14:00'],
    ['2019-04-07T01', 'Australia/Lord_Howe', '2019-04-06T15:30'],
    ['2019-04-07T02', 'Australia/Lord_Howe', '2019-04-06T16:30'],
    // A whole day that was skipped, and days of 23 and 25 hours.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00'],
    ['2019-03-10', 'America/New_York', '2019-03-11T04:00'],
    ['2019-11-03', 'America/New_York', '2019-11-04T05:00'],
  ])('%s in %s at %s', (label, zone, utc) => {
    expect(end(label, zone)).toBe(utc);
  });

  test('never before the hour before it, through the changes of any zone', () => {
    for (const zone of ['America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      for (const month of ['2019-03', '2019-04', '2019-05', '2019-10', '2019-11']) {
        let before = endOfLabel(`${month}-01T00`, zone);
        for (let label = `${month}-01T01`; label < `${month}-13`; label = shiftLabel(label, 1)) {
          const now = endOfLabel(label, zone);
          expect(now - before).toBeGreaterThanOrEqual(0);
          expect(now - before).toBeLessThanOrEqual(2 * 3_600_000);
          before = now;
        }
      }
    }
  });
});

test('zones are those of the IANA database', () => {
  expect(['UTC', 'America/New_York', 'Mars/Olympus', ''].map(isZone)).toEqual([true, true, false, false]);
});
