import { expect, test } from '@jest/globals';
import { readHiveChanges } from '#functions/compliance-scan/inventory/hive/changes.ts';
import { readLocation } from '#functions/compliance-scan/inventory/hive/location.ts';

const names = { defaultFs: 'hdfs://lake', aliases: ['hdfs://nn1:8020', 'hdfs://nn2'] };

test.each([
  ['hdfs://lake/golden/a', '/golden/a', []],
  ['hdfs://LAKE/golden/a', '/golden/a', []],
  ['hdfs://lake/golden/a/', '/golden/a', ['trailing slash']],
  ['hdfs://lake//golden//a', '/golden/a', ['doubled slash']],
  ['hdfs://nn1:8020/golden/a', '/golden/a', ['another name']],
  ['hdfs://nn2:8020/golden/a', '/golden/a', ['another name']],
  ['/golden/a', '/golden/a', ['no scheme']],
  ['/golden/a%20b/', '/golden/a%20b', ['no scheme', 'trailing slash']],
  ['hdfs://lake/', '/', []],
  ['hdfs://other/golden/a', undefined, []],
  ['s3a://bucket/a', undefined, []],
  ['golden/a', undefined, ['no scheme']],
  ['hdfs://lake/golden/../a', undefined, []],
])('%s', (text, path, oddities) => {
  expect(readLocation(text, names)).toEqual({ text, oddities, ...(path === undefined ? {} : { path }) });
});

const changes = (type: string, data: unknown) =>
  readHiveChanges({ id: '1', source: 's', type, specversion: '1.0', extensions: {}, data }, 'lake')?.map(
    ({ reference }) => `${reference.kind} ${reference.name}`,
  );

test('events about tables and databases name what to read', () => {
  expect(changes('dev.lakewarden.table.evolved', { table: 'default.clicks' })).toEqual(['hive.Table default.clicks']);
  const change = (what: string) =>
    changes('dev.lakewarden.metastore.changed', { change: what, database: 'd', table: 'd.t' });
  expect(change('ALTER_TABLE')).toEqual(['hive.Table d.t']);
  expect(change('DROP_DATABASE')).toEqual(['hive.Database d']);
  expect(change('ADD_PARTITION')).toEqual([]);
  expect(change('UPDATE_TABLE_COLUMN_STAT_EVENT')).toEqual([]);
  expect(changes('dev.lakewarden.table.created', { table: 7 })).toEqual([]);
  expect(changes('dev.lakewarden.table.created', undefined)).toEqual([]);
  expect(changes('dev.lakewarden.file.closed', { path: '/golden' })).toBeUndefined();
});
