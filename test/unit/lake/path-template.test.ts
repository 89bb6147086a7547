import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { formatPath, matchPath, parseTemplate } from '#shared/lake/path-template.ts';

const hourly = parseTemplate('{year}/{month}/{day}/{hour}');
const match = (template: string, path: string): unknown => matchPath(parseTemplate(template), path.split('/'));

describe('a plain layout', () => {
  test('gives the text of the folders, zeros and all', () => {
    expect(matchPath(hourly, ['2019', '09', '01', '01'])).toEqual({
      values: ['2019', '09', '01', '01'],
      complete: true,
    });
  });

  test('knows the folders above a partition', () => {
    expect(matchPath(hourly, ['2019', '09'])).toEqual({ values: ['2019', '09'], complete: false });
  });

  test.each([
    ['2019/13/01/00', "'13' is no month"],
    ['2019/02/30/00', '2019-02-30 is no date'],
    ['2019/02/29/00', '2019-02-29 is no date'],
    ['2019/09/01/24', "'24' is no hour"],
    ['2019/09/01/7x', "'7x' is no hour"],
    ['19/09/01/01', "'19' is no year"],
    ['2019/09/01/01/02', 'deeper than {year}/{month}/{day}/{hour}'],
    ['year=2019', "'year=2019' does not fit {year}/{month}/{day}/{hour}"],
  ])('says why %s does not fit', (path, reason) => {
    expect(matchPath(hourly, path.split('/'))).toEqual({ reason });
  });

  test('has keys of any name', () => {
    expect(match('{constructor}', 'Acme')).toEqual({ values: ['Acme'], complete: true });
  });

  test('takes the leap day and the folders that a change of clocks would merge', () => {
    expect(matchPath(hourly, ['2020', '02', '29', '00'])).toMatchObject({ complete: true });
    const hours = ['02', '03'].map((hour) => matchPath(hourly, ['2019', '03', '10', hour]));
    expect(hours).toEqual([
      { values: ['2019', '03', '10', '02'], complete: true },
      { values: ['2019', '03', '10', '03'], complete: true },
    ]);
  });

  test('knows no time zone, also when it changes while the process runs', async () => {
    const script = `
      const { matchPath, parseTemplate } = await import('#shared/lake/path-template.ts');
      const hourly = parseTemplate('{year}/{month}/{day}/{hour}');
      for (const zone of ['UTC', 'America/New_York', 'Australia/Lord_Howe']) {
        process.env.TZ = zone;
        const answers = ['2019/03/10/02', '2019/03/10/03', '2019/10/06/02', '2019/04/07/01'].map((path) => matchPath(hourly, path.split('/')));
        console.log(new Date(0).getTimezoneOffset(), JSON.stringify(answers));
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const [zones, answers] = [0, 1].map((part) =>
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[part]),
    );
    expect(zones).toEqual(['0', '300', '-600']);
    expect(new Set(answers).size).toBe(1);
    expect(new Set(JSON.parse(answers?.[0] ?? '').map(({ values }: { values: string[] }) => values.join('/')))).toEqual(
      new Set(['2019/03/10/02', '2019/03/10/03', '2019/10/06/02', '2019/04/07/01']),
    );
  });

  test('keeps 2020/01/11 and 2020/11/01 apart', () => {
    const daily = '{year}/{month}/{day}';
    expect(match(daily, '2020/01/11')).not.toEqual(match(daily, '2020/11/01'));
  });
});

describe('a key=value layout', () => {
  test.each([
    ['dt={dt}/hour={hour:int}', 'dt=2019-09-01/hour=07', ['2019-09-01', '7']],
    ['year={year:int}/month={month:int}', 'year=2019/month=09', ['2019', '9']],
    ['region={region}', 'region=a%2Fb', ['a/b']],
    ['region={region}', 'region=a=b', ['a=b']],
    ['region={region}', 'region=100%25', ['100%']],
    ['hour={hour:int}', 'hour=__HIVE_DEFAULT_PARTITION__', ['__HIVE_DEFAULT_PARTITION__']],
  ])('%s reads %s', (template, path, values) => {
    expect(match(template, path)).toEqual({ values, complete: true });
  });

  test('refuses a number that is too large and a date that is none', () => {
    expect(match('shard={shard:int}', 'shard=4294967296')).toEqual({
      reason: "'4294967296' of shard is no 32-bit integer",
    });
    expect(match('dt={dt}', 'dt=2019-02-30')).toEqual({ reason: "'2019-02-30' is no date" });
  });

  test('several keys may share a folder when text stands between them', () => {
    expect(match('{year}-{month}-{day}', '2019-09-01')).toEqual({ values: ['2019', '09', '01'], complete: true });
  });
});

describe('a template', () => {
  test.each([
    ['', 'it has an empty folder name'],
    ['{year}//{month}', 'it has an empty folder name'],
    ['data', 'it has no {key}'],
    ['{year}/{year}', 'the key year stands in it twice'],
    ['{year}{month}', 'two keys touch each other'],
    ['{Year}', "'{Year}' is no {key}, {key:int} or plain text"],
    ['{hour:long}', "'{hour:long}' is no {key}, {key:int} or plain text"],
  ])('%j is refused', (text, reason) => {
    expect(() => parseTemplate(text)).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining(reason) }),
    );
  });

  test('writes what it reads', () => {
    expect(formatPath(parseTemplate('dt={dt}/r={r}'), ['2019-09-01', 'a/b:c'])).toBe('dt=2019-09-01/r=a%2Fb%3Ac');
    expect(formatPath(hourly, ['2019', '09', '01', '01'])).toBe('2019/09/01/01');
  });
});
