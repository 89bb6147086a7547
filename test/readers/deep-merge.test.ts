import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { providePackages } from '../engines/downloads.ts';
import { deepMergeFiles } from '../support/deep-merge-files.ts';

const packages = ['pyarrow==26.0.1', 'duckdb==2.0.0', 'polars==2.1.0', 'fastparquet==2026.9.0', 'pandas==3.1.1'];
/** Rows of the files of each set: some of one row or none, and some that are longer than a page. */
const sizes = ['700', '0', '1', '3000', '25000', '13', '900', '900'];
const sets = readdirSync(new URL('../fixtures/deep-merge/', import.meta.url), { withFileTypes: true }).flatMap(
  (entry) => (entry.isDirectory() ? [entry.name] : []),
);
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-readers-'));
let site = '';

const python = (script: string, ...args: string[]) =>
  promisify(execFile)('python3', [new URL(script, import.meta.url).pathname, ...args], {
    env: { ...process.env, PYTHONPATH: site },
  });

beforeAll(async () => {
  site = await providePackages(packages, (line) => console.log(line), AbortSignal.timeout(1_800_000));
  await python('../fixtures/deep-merge/make.py', folder, ...sizes);
}, 1_900_000);

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
    const { stdout } = await python('compare.py', join(folder, name), merged);
    expect(JSON.parse(stdout)).toMatchObject({ rows: sizes.reduce((sum, rows) => sum + Number(rows), 0) });
  });
});
