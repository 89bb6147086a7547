import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { DeepMergeOptions } from '#shared/parquet/deep-merge/merge.ts';
import { deepMergeFiles } from '../support/deep-merge-files.ts';
import { useParquetMr, type WriteOptions } from '../support/parquet-mr.ts';

const parquetMr = useParquetMr();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-blooms-'));
const message =
  'message m { required int64 id; optional binary word (STRING); required double ratio; repeated int32 n; }';
const hex = (text: string): string => Buffer.from(text).toString('hex');
const bits = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
};

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const blooms = ['id', 'word', 'ratio', 'n'];

async function writeFiles(options: WriteOptions): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  for (let file = 0; file < 3; file += 1) {
    const path = join(folder, `${file}.parquet`);
    rmSync(path, { force: true });
    const rows = Array.from({ length: 40 }, (_, index) => {
      const id = (file * 40 + index) * 2;
      const word = index % 5 === 0 ? {} : { word: hex(`a word of more than thirty-two bytes, of ${id % 30}`) };
      return { id: `${id}`, ...word, ratio: bits(id / 3), n: [id, id + 1].slice(id % 3) };
    });
    await parquetMr.write(path, { message, rows }, options);
    files.push(new Uint8Array(readFileSync(path)));
  }
  return files;
}

test.each<[string, DeepMergeOptions]>([
  ['in full', {}],
  ['as Zstandard', { codec: 'ZSTD' }],
])('parquet-mr skips row groups by the bloom filters of merged files, %s, and misses no value', async (_, options) => {
  const path = join(folder, 'merged.parquet');
  writeFileSync(path, await deepMergeFiles(await writeFiles({ blooms }), options));
  expect(await parquetMr.blooms(path)).toMatchObject({ filters: 4, denied: [] });
  const [there, missing] = await parquetMr.find(path, [
    { column: 'id', from: '42', to: '42' },
    { column: 'id', from: '43', to: '43' },
  ]);
  expect(there?.rows).toHaveLength(1);
  expect(missing).toEqual({ rows: [], left: 0 });
});

test.each<[string, WriteOptions]>([
  ['version 1, with dictionaries', {}],
  ['version 1, in full', { dictionary: false }],
  ['version 2, with DELTA encodings', { v2: true, dictionary: false }],
])('files in LZ4 become one in Snappy with the same rows: pages of %s', async (_, options) => {
  const path = join(folder, 'merged.parquet');
  writeFileSync(path, await deepMergeFiles(await writeFiles({ ...options, codec: 'LZ4_RAW' })));
  const parts = await Promise.all([0, 1, 2].map((file) => parquetMr.read(join(folder, `${file}.parquet`))));
  const merged = await parquetMr.read(path);
  expect(merged.rows).toEqual(parts.flatMap(({ rows }) => rows));
  expect(merged.groups).toEqual([120]);
});
