import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { deepMerge } from '#shared/parquet/deep-merge/merge.ts';

// Rewrites the Parquet files of a folder as one by the deep merge: with-ours <folder>. Each line of the input names a file to
// write and is answered by a line.
const [folder = ''] = process.argv.slice(2);
const names = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
console.log(JSON.stringify({ pids: [process.pid] }));
for await (const output of createInterface({ input: process.stdin })) {
  try {
    await rewrite(output);
    console.log('{}');
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
  }
}

async function rewrite(output: string): Promise<void> {
  const sources = names.toSorted().map((name) => {
    const path = join(folder, name);
    const read = async (offset: number, length: number): Promise<Uint8Array> => readRange(path, offset, length);
    return { path, length: statSync(path).size, read };
  });
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
