import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deepMerge } from '#shared/parquet/deep-merge/merge.ts';

/** The Parquet files of a folder, in the order of their names. */
export function parquetFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
  return names.toSorted().map((name) => join(folder, name));
}

/** Merges files deeply into one, each read where it lies. */
export async function mergeFiles(paths: readonly string[], output: string): Promise<void> {
  const sources = paths.map((path) => ({
    path,
    length: statSync(path).size,
    read: async (offset: number, length: number) => readRange(path, offset, length),
  }));
  const file = openSync(output, 'w');
  try {
    await deepMerge(sources, { write: async (bytes) => void writeSync(file, bytes) });
  } finally {
    closeSync(file);
  }
}

function readRange(path: string, offset: number, length: number): Uint8Array {
  const source = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(source, bytes, 0, length, offset));
  } finally {
    closeSync(source);
  }
}
