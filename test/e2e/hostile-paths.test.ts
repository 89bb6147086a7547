import { expect, test } from '@jest/globals';
import { readDoorbell } from '#functions/metastore-sync/doorbell.ts';
import { applyRun } from '#functions/metastore-sync/run.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake({ templates: ['dt={dt}'] });
const good = parquet({ id: 'int' }, [{ id: 1 }]);

const hostile: [what: string, path: string, code: string][] = [
  ['a name of 300 characters', `dt=${'x'.repeat(300)}/a.parquet`, 'path.missing'],
  ['70,000 characters', `dt=${'x'.repeat(70_000)}/a.parquet`, 'path.outside'],
  ['7,900 letters that take nine bytes each in a request', `dt=${'鸭'.repeat(7_900)}/a.parquet`, 'folder.unreadable'],
  ['thousands of folders', `dt=${'x/'.repeat(3_900)}a.parquet`, 'path.missing'],
  ['a colon', 'dt=a:b/a.parquet', 'path.outside'],
  ['a broken escape', 'dt=%zz/a.parquet', 'path.missing'],
  ['half of a letter', 'dt=\ud800/a.parquet', 'path.outside'],
  ['a pattern', 'dt=*/a.parquet', 'path.glob'],
  ['quotes', `dt='";--/a.parquet`, 'path.missing'],
  ['no value', 'dt=/a.parquet', 'path.unexpected'],
  ['another layout', 'year=2019/a.parquet', 'path.unexpected'],
];

// Events that come together share one look, so that none may spoil it.
test.each(hostile)('a path with %s is told of and holds up no other', async (what, path, code) => {
  const topic = what.replaceAll(/\W+/g, '_').toLowerCase();
  await lake.put(`${topic}/dt=good/a.parquet`, good);
  const data = { paths: [path, 'dt=good/a.parquet'].map((below) => `${lake.root}/${topic}/${below}`) };
  const request = readDoorbell({ type: 'dev.lakewarden.file.closed', data }, lake.settings);
  const outcome = await applyRun(request, lake.tools());
  expect(outcome.tables).toMatchObject([{ created: true, added: 1 }]);
  expect(problemsOf(outcome).map((problem) => problem.code)).toEqual([code]);
});
