import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deepMerge } from '#shared/parquet/deep-merge/merge.ts';

// Merges the files of a folder into one: merge-folder <folder> <output>. Tells its processor time in milliseconds and its
// peak of resident memory in MiB.
const [folder = '', output = ''] = process.argv.slice(2);
const names = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
const sources = names.toSorted().map((name) => {
  const path = join(folder, name);
  return {
    path,
    length: statSync(path).size,
    read: async (offset: number, length: number) => read(path, offset, length),
  };
});
const file = openSync(output, 'w');
await deepMerge(sources, {
  write: async (bytes) => {
    writeSync(file, bytes);
  },
});
closeSync(file);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1_000, memory: maxRSS / 1_024 }));

function read(path: string, offset: number, length: number): Uint8Array {
  const source = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(source, bytes, 0, length, offset));
  } finally {
    closeSync(source);
  }
}
