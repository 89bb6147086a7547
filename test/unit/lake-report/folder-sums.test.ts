import { describe, expect, test } from '@jest/globals';
import { FolderSums } from '../../../cli/report/folder-sums.ts';

const policy = { targetBytes: 1_000, minFiles: 3, quietSeconds: 60 };
const now = 1_000_000;

function sums(
  files: readonly [name: string, length: number, time?: number][],
  own: typeof policy | undefined = policy,
) {
  const folder = new FolderSums(own);
  for (const [name, length, modificationTime = 0] of files)
    folder.add({ name, type: 'FILE', length, modificationTime });
  return folder.end(now);
}

describe('the sums of a folder', () => {
  test('count data files alone', () => {
    const folder = new FolderSums(policy);
    folder.add({ name: 'a.parquet', type: 'FILE', length: 5, modificationTime: 0 });
    folder.add({ name: '_SUCCESS', type: 'FILE', length: 0, modificationTime: 0 });
    folder.add({ name: '.hidden', type: 'FILE', length: 9, modificationTime: 0 });
    folder.add({ name: 'below', type: 'DIRECTORY', length: 0, modificationTime: 0 });
    expect(folder.end(now)).toEqual({ folders: 1, files: 1, bytes: 5, small: 1, gain: 0 });
  });

  test('tell how many files joining small ones would save', () => {
    const small = Array.from({ length: 10 }, (_, index): [string, number] => [`f${index}`, 250]);
    expect(sums(small)).toMatchObject({ small: 10, gain: 7 });
    expect(sums([...small, ['large', 5_000]])).toMatchObject({ files: 11, small: 10, gain: 7 });
  });

  test('promise nothing of a folder with few small files, or one that was written to lately', () => {
    expect(
      sums([
        ['a', 1],
        ['b', 1],
      ]),
    ).toMatchObject({ small: 2, gain: 0 });
    expect(
      sums([
        ['a', 1],
        ['b', 1],
        ['c', 1, now - 59_000],
      ]),
    ).toMatchObject({ small: 3, gain: 0 });
    expect(
      sums([
        ['a', 1],
        ['b', 1],
        ['c', 1, now - 61_000],
      ]),
    ).toMatchObject({ small: 3, gain: 2 });
    // A clock that runs ahead.
    expect(
      sums([
        ['a', 1],
        ['b', 1],
        ['c', 1, now + 9e9],
      ]),
    ).toMatchObject({ gain: 0 });
  });

  test('say nothing of small files where compaction has no settings', () => {
    const folder = new FolderSums(undefined);
    folder.add({ name: 'a', type: 'FILE', length: 1, modificationTime: 0 });
    expect(folder.end(now)).toMatchObject({ files: 1, small: 0, gain: 0 });
  });
});
