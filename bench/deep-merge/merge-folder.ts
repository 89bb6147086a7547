import { mergeFiles, parquetFiles } from '../merge-files.ts';

// Merges the files of a folder into one: merge-folder <folder> <output>. Tells its processor time in milliseconds and its
// peak of resident memory in MiB.
const [folder = '', output = ''] = process.argv.slice(2);
await mergeFiles(parquetFiles(folder), output);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1_000, memory: maxRSS / 1_024 }));
