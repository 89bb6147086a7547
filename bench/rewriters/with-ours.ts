import { createInterface } from 'node:readline';
import { mergeFiles, parquetFiles } from '../merge-files.ts';

// Rewrites the Parquet files of a folder as one by the deep merge: with-ours <folder>. Each line of the input names a file to
// write and is answered by a line.
const [folder = ''] = process.argv.slice(2);
const files = parquetFiles(folder);
console.log(JSON.stringify({ pids: [process.pid] }));
for await (const output of createInterface({ input: process.stdin })) {
  try {
    await mergeFiles(files, output);
    console.log('{}');
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
  }
}
