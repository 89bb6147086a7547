import { describe, expect, test } from '@jest/globals';
import { type FileStatus, readFileStatus } from '#shared/hdfs/file-status.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';
import { collectFiles, foldersPerTopic } from '../../../cli/report/collect-files.ts';

const templates = [parseTemplate('{year}/{month}/{day}/{hour}')];
const two = (number: number): string => String(number).padStart(2, '0');
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const now = Date.UTC(2026, 10, 22, 3);

function entry(parent: string, name: string, type: 'FILE' | 'DIRECTORY'): FileStatus {
  const times = { modificationTime: 0, accessTime: 0 };
  const rights = { owner: 'o', group: 'g', permission: '755', replication: 1, blockSize: 1 };
  return readFileStatus(parent, { pathSuffix: name, type, length: type === 'FILE' ? 10 : 0, ...times, ...rights });
}

/** Topics in which each hour of the years from 2012 to 2026 has some files: 130,000 folders each. */
class WideLake {
  calls = 0;
  readonly #files: number;
  readonly #last: number;

  constructor(files: number, last: number) {
    this.#files = files;
    this.#last = last;
  }

  async *list(path: string): AsyncGenerator<FileStatus> {
    this.calls += 1;
    const [, , , year, month, day, hour] = path.split('/');
    const names =
      year === undefined
        ? range(2012, this.#last).map(String)
        : month === undefined
          ? range(1, 12).map(two)
          : day === undefined
            ? range(1, 28).map(two)
            : range(0, 23).map(two);
    if (hour === undefined) for (const name of names) yield entry(path, name, 'DIRECTORY');
    else for (let file = 0; file < this.#files; file += 1) yield entry(path, `part-${file}.parquet`, 'FILE');
  }

  contentSummary(): Promise<never> {
    return Promise.reject(new LakewardenError('hdfs.access_denied', 'it may not be counted'));
  }

  serverTime(): Promise<number> {
    return Promise.resolve(now);
  }
}

const topics = (count: number) =>
  range(1, count).map((number) => ({ topic: `t${number}`, location: `/golden/t${number}`, templates }));

function tools(hdfs: WideLake, folders: number, foldersInAll: number) {
  const problems: string[] = [];
  const limits = { folders, foldersInAll, counts: false };
  const rest = { concurrency: 16, policyOf: () => undefined, hasTime: () => true };
  return { hdfs, limits, ...rest, report: (problem: string) => void problems.push(problem), problems };
}

describe('what is looked at of a large lake', () => {
  test('is as much as the limits say, however old its topics are', async () => {
    const lake = new WideLake(3, 2025);
    const found = await collectFiles(topics(10), tools(lake, 48, 1_000_000));
    expect(found.map(({ files }) => [files.folders, files.files])).toEqual(range(1, 10).map(() => [48, 144]));
    // The newest 48 hours, and above them the topic, its year, its month and its days.
    expect(lake.calls).toBeLessThanOrEqual(10 * (48 + 3 + 4));
  });

  test('is shared among many topics', async () => {
    expect([
      foldersPerTopic({ folders: 168, foldersInAll: 20_000, counts: true }, 10),
      foldersPerTopic({ folders: 168, foldersInAll: 20_000, counts: true }, 1_000),
    ]).toEqual([168, 20]);
    const lake = new WideLake(1, 2025);
    const found = await collectFiles(topics(200), tools(lake, 168, 400));
    expect(found.reduce((sum, { files }) => sum + files.folders, 0)).toBe(400);
    expect(lake.calls).toBeLessThanOrEqual(400 + 200 * 5);
  });

  test('counts folders with very many files without keeping them', async () => {
    const lake = new WideLake(200_000, 2025);
    const [found] = await collectFiles(topics(1), tools(lake, 2, 100));
    expect(found?.files).toMatchObject({ folders: 2, files: 400_000, bytes: 4_000_000 });
  });

  test('is the present, where a clock that was wrong has made folders of the future', async () => {
    const [found] = await collectFiles(topics(1), tools(new WideLake(1, 2027), 10, 100));
    expect(found?.files.future).toBeGreaterThan(8_000);
    expect(found?.files.cells.at(-1)?.label).toBe('2026-11-23T23');
    const far = tools(new WideLake(1, 2_100), 10, 100);
    const [lost] = await collectFiles(topics(1), far);
    expect([lost?.files.isWhole, lost?.files.cells]).toEqual([false, []]);
    expect(far.problems.join()).toMatch(/more than 10000 folders of the future/);
    expect(far.hdfs.calls).toBeLessThan(600);
  });

  test('is called incomplete where the time was over, or where something may not be read', async () => {
    let left = 5;
    const some = { ...tools(new WideLake(1, 2025), 48, 100), hasTime: () => (left -= 1) > 0 };
    const [late] = await collectFiles(topics(1), some);
    expect([late?.files.isWhole, some.problems.join()]).toEqual([false, expect.stringMatching(/the time was over/)]);
    const counting = tools(new WideLake(1, 2025), 1, 100);
    const [found] = await collectFiles(topics(1), { ...counting, limits: { ...counting.limits, counts: true } });
    expect(found?.files).not.toHaveProperty('all');
    expect(counting.problems).toEqual([expect.stringMatching(/not counted: it may not be counted/)]);
  });
});
