import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DeepMergeOptions } from '#shared/parquet/deep-merge/merge.ts';
import { openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { readFooterBytes } from '#shared/parquet/footer.ts';
import { concatFiles } from '../support/concat-files.ts';
import { deepMergeFiles } from '../support/deep-merge-files.ts';
import { Dice } from '../support/dice.ts';
import { bytesSource } from '../support/parquet-file.ts';
import { runPython } from './python.ts';

const seeds = [...Array(10).keys()];
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-random-'));

beforeAll(() => runPython('random_sets.py', folder, ...seeds.map(String)), 1_900_000);
afterAll(() => rmSync(folder, { recursive: true }));

test.each(seeds.flatMap((seed) => [['arrow', seed] as const, ['duckdb', seed] as const]))(
  'files of any schema by %s, seed %i, hold the same for pyarrow and DuckDB after CONCATs and deep merges',
  async (writer, seed) => {
    const set = join(folder, `${writer}-${seed}`);
    const files = readdirSync(set)
      .toSorted()
      .map((name) => new Uint8Array(readFileSync(join(set, name))));
    for (const file of files) {
      const footer = await readFooterBytes(bytesSource(file));
      expect(openMetadata(footer).metadata.toBytes()).toEqual(footer);
    }
    const dice = new Dice(seed);
    const options: DeepMergeOptions = {
      groupRows: dice.pick([100, 131_072]),
      dictionaryBytes: dice.pick([0, 30, 1 << 20]),
      residentBytes: dice.pick([100, 1 << 20]),
      ...(dice.oneIn(2) && { codec: dice.pick(['ZSTD', 'SNAPPY', 'GZIP', 'UNCOMPRESSED']) }),
    };
    const { bytes: once, keys } = await concatFiles(files);
    expect(keys.size).toBe(1);
    const [first, ...others] = files as [Uint8Array, ...Uint8Array[]];
    const { bytes: rest } = await concatFiles(others);
    const { bytes: twice } = await concatFiles([first, rest]);
    const merged = {
      'concat.parquet': once,
      'concat-of-concat.parquet': twice,
      'deep.parquet': await deepMergeFiles(files, options),
      'deep-of-concat.parquet': await deepMergeFiles([twice], options),
    };
    mkdirSync(`${set}-merged`);
    const paths = Object.entries(merged).map(([name, bytes]) => {
      writeFileSync(join(`${set}-merged`, name), bytes);
      return join(`${set}-merged`, name);
    });
    expect(JSON.parse(await runPython('compare.py', set, ...paths))).toHaveLength(paths.length);
  },
);
