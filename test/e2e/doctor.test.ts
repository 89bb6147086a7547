import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliRun, lakewarden } from '../support/cli.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { parquetSchema, schemaOnlyBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { root, database } = lake;
const { hdfs } = lake.clients;
const good = parquet({ id: 'int' }, [{ id: 1 }]);
const odd = schemaOnlyBytes(
  parquetSchema({
    id: 'string',
    price: { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 9, scale: 2 },
    at: { type: 'INT96' },
  }),
);

let temp: string;
let config: string;
beforeAll(() => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-doctor-'));
  config = writeSettings(temp, 'settings', writtenSettings(lake));
});
afterAll(() => rmSync(temp, { recursive: true }));

const doctor = (...args: string[]): Promise<CliRun> =>
  lakewarden(['sync', 'doctor', '--config', config, ...args], { cwd: temp });

interface Report {
  topics: { findings: { code: string; about: string; count: number; example: string }[] }[];
}

describe('sync doctor', () => {
  test('finds nothing in a healthy topic, and ends with 0', async () => {
    await lake.put('healthy/2019/09/01/00/a.parquet', good);
    await lake.apply();
    const { code, out } = await doctor('--topic', 'healthy');
    expect([code, out]).toEqual([
      0,
      `${database}.healthy  topic healthy, 1 partition, 1 file, ${good.length} B, 1 small file, 0 huge files\nnothing found\n\n`,
    ]);
  });

  test('tells what will hurt readers in a table and by its exit code, and writes nothing', async () => {
    const ill = 'ill/2019/09/01';
    await lake.put(`${ill}/00/a.parquet`, good);
    await lake.apply({ kind: 'full', topics: ['ill'] });
    await lake.put(`${ill}/01/odd.parquet`, odd);
    await lake.put(`${ill}/01/torn.parquet`, good.subarray(0, 20));
    await lake.put(`${ill}/01/empty.parquet`, new Uint8Array());
    await lake.put(`${ill}/01/sub/a.parquet`, good);
    const unfinished = [`${ill}/01/.part-0.parquet.inprogress.1`, '+tmp/ill/2019/x_tmp.parquet'];
    for (const path of unfinished) {
      await lake.put(path, good);
      await hdfs.setTimes(`${root}/${path}`, { modificationTime: Date.now() - 5.5 * 3_600_000 });
    }
    const { code, out } = await doctor('--topic', 'ill', '--json');
    expect(code).toBe(3);
    const [{ findings } = { findings: [] }] = (JSON.parse(out) as Report).topics;
    const here = `${root}/${ill}/01`;
    expect(findings.map((finding) => [finding.code, finding.about, finding.count, finding.example])).toEqual([
      ['column.decimal-binary', 'price', 1, `${here}/odd.parquet`],
      ['column.int96', 'at', 1, `${here}/odd.parquet`],
      ['file.ahead', 'at', 1, `${here}/odd.parquet`],
      ['file.ahead', 'price', 1, `${here}/odd.parquet`],
      ['file.differs', 'id', 1, `${here}/odd.parquet`],
      ['file.empty', '', 1, `${here}/empty.parquet`],
      ['file.left_over', '5 h old', 2, `${root}/+tmp/ill/2019/x_tmp.parquet`],
      ['file.unreadable', 'parquet.truncated', 1, `${here}/torn.parquet`],
      ['folder.inside_partition', '', 1, `${here}/sub`],
    ]);
    const text = await doctor('--topic', 'ill');
    expect(text.code).toBe(3);
    expect(text.out).toMatch(/^what +about +count +first at +meaning$/m);
    expect(text.out).toMatch(/^column\.decimal-binary +price +1 .*Spark's vectorized reader/m);
    expect(await lake.clients.metastore.partitionNames(database, 'ill')).toHaveLength(1);
  });

  test('looks at the newest partitions, or with --full at all of them', async () => {
    await lake.put('deep/2017/01/01/00/empty.parquet', new Uint8Array());
    for (const hour of ['00', '01', '02', '03', '04', '05']) await lake.put(`deep/2019/01/01/${hour}/a.parquet`, good);
    expect((await doctor('--topic', 'deep')).code).toBe(0);
    const { code, out } = await doctor('--topic', 'deep', '--full');
    expect([code, out]).toEqual([3, expect.stringMatching(/^file\.empty .*2017\/01\/01\/00\/empty\.parquet/m)]);
  });

  test('names a topic that is not there', async () => {
    const { code, out } = await doctor('--topic', 'nowhere');
    expect([code, out]).toEqual([3, expect.stringContaining('there is no folder for the topic nowhere')]);
  });
});
