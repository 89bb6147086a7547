import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { LakewardenError } from '#shared/errors/error.ts';
import { type RawFileStatus, readFileStatus } from '#shared/hdfs/file-status.ts';
import { findAll, type Folders } from '#shared/hdfs/partition-folders.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';

const topic = { topic: 'clicks', location: '/golden/clicks', templates: [parseTemplate('{year}/{month}/{day}')] };
const numbers = ['01', '02', '03', '04', '05'];

const raw: RawFileStatus = {
  pathSuffix: '',
  type: 'DIRECTORY',
  length: 0,
  modificationTime: 1,
  accessTime: 0,
  owner: 'flink',
  group: 'lake',
  permission: '755',
  replication: 0,
  blockSize: 0,
};

/** A tree of 2 years of 5 months of 5 days, whose listings come after as many milliseconds as `delay` says. */
function tree(delay: (path: string) => number) {
  const seen = { now: 0, most: 0 };
  const folders: Folders = {
    async *list(path) {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await sleep(delay(path));
      seen.now -= 1;
      for (const name of path === topic.location ? ['2019', '2020'] : numbers)
        yield readFileStatus(path, { ...raw, pathSuffix: name });
    },
  };
  return { folders, seen };
}

async function walk(folders: Folders, concurrency: number): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of findAll(folders, topic, concurrency, ({ message }) => paths.push(message)))
    paths.push(path);
  return paths;
}

describe('a walk through all folders', () => {
  test('finds them in the same order however fast each listing comes, so that a limit takes the same ones', async () => {
    const quick = await walk(tree(() => 0).folders, 4);
    const slow = await walk(tree((path) => (path.codePointAt(path.length - 1) ?? 0) % 5).folders, 4);
    expect(quick).toHaveLength(50);
    expect(new Set(quick).size).toBe(50);
    expect(slow).toEqual(quick);
  });

  test('has no more listings under way than it may, and makes use of all of them', async () => {
    const { folders, seen } = tree(() => 1);
    await walk(folders, 3);
    expect(seen).toEqual({ now: 0, most: 3 });
  });

  test('fails by what fails first in its order, and nothing else of it is left to fail the process', async () => {
    const { folders } = tree((path) => (path.endsWith('2020') ? 5 : 0));
    const broken: Folders = {
      async *list(path) {
        yield* folders.list(path);
        if (path !== topic.location) throw new LakewardenError('hdfs.unavailable', `${path} is out of reach`);
      },
    };
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    try {
      await expect(walk(broken, 4)).rejects.toThrow('/golden/clicks/2020 is out of reach');
      await sleep(10);
    } finally {
      process.off('unhandledRejection', listener);
    }
    expect(unhandled).toEqual([]);
  });
});
