import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deepMergeFiles } from '../support/deep-merge-files.ts';
import { runPython } from './python.ts';

/** Rows of the files of each set: some of one row or none, and some that are longer than a page. */
const sizes = ['700', '0', '1', '3000', '25000', '13', '900', '900'];
const sets = readdirSync(new URL('../fixtures/deep-merge/', import.meta.url), { withFileTypes: true }).flatMap(
  (entry) => (entry.isDirectory() ? [entry.name] : []),
);
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-readers-'));

beforeAll(() => runPython('../fixtures/deep-merge/make.py', folder, ...sizes), 1_900_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(sets)('the files of %s, merged deeply', (name) => {
  const files = () =>
    readdirSync(join(folder, name))
      .toSorted()
      .map((file) => new Uint8Array(readFileSync(join(folder, name, file))));

  test.each([
    ['with their codec', {}],
    [
      'as Zstandard, in small row groups, without dictionaries',
      { codec: 'ZSTD', groupRows: 4_000, dictionaryBytes: 0 },
    ],
  ] as const)('%s, hold the same for pyarrow and DuckDB', async (_, options) => {
    const merged = join(folder, `${name}.parquet`);
    writeFileSync(merged, await deepMergeFiles(files(), options));
    const [told] = JSON.parse(await runPython('compare.py', join(folder, name), merged)) as { probed: number }[];
    expect(told).toMatchObject({ rows: sizes.reduce((sum, rows) => sum + Number(rows), 0) });
    if (name === 'arrow-blooms' && !('groupRows' in options)) expect(told?.probed).toBeGreaterThan(80);
  });
});
