import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { lakewarden } from '../support/cli.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { writeSettings } from '../support/sync-process.ts';

const lake = useCompactionLake();
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-memory-'));
afterAll(() => rmSync(temp, { recursive: true }));

/** Makes a process of Node tell at its end how much memory it had at most, in KiB. */
const tellMemory = `process.on('exit', () => console.error('maxRSS', process.resourceUsage().maxRSS));`;

test('a merge of files with thousands of columns takes memory for few footers at a time', async () => {
  const columns = Array.from({ length: 4_000 }, (_, index) => `column${index}`);
  const wide = parquetBytes(Object.fromEntries(columns.map((name) => [name, 'int'])), [
    Object.fromEntries(columns.map((name, index) => [name, index])),
  ]);
  const files = 32;
  for (let index = 0; index < files; index += 1) await lake.put(`wide/2019/09/01/00/part-${index}.parquet`, wide);
  const { root, hdfs } = lake.settings;
  const config = writeSettings(temp, 'settings', {
    root,
    quietSeconds: 0,
    latePartitions: 0,
    maxFooterBytes: 1 << 26,
    hdfs,
  });
  const teller = join(temp, 'tell-memory.mjs');
  writeFileSync(teller, tellMemory);
  const env = { NODE_OPTIONS: `--max-semi-space-size=2 --import=${teller}` };
  const { code, out, err } = await lakewarden(['compact', 'apply', '--full', '--config', config], { cwd: temp, env });
  expect([code, out]).toEqual([0, expect.stringContaining(`${files} -> 1`)]);
  const mebibytes = Number(/maxRSS (\d+)/.exec(err)?.[1]) / 1_024;
  // It takes 300. With what is parsed of all footers it would be 700.
  expect(mebibytes).toBeLessThan(500);
});
