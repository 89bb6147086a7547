import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readHdfsChanges } from '#functions/compliance-scan/inventory/hdfs/changes.ts';
import { hdfsSettings } from '#functions/compliance-scan/inventory/hdfs/settings.ts';

const settings = hdfsSettings.parse({
  connection: { addresses: ['http://nn:9870'], defaultFs: 'hdfs://nn:8020' },
  roots: [
    { name: 'golden', path: '/golden', depth: 2 },
    { name: 'raw', path: '/raw/', depth: 0 },
  ],
});
const names = (type: string, data: unknown) =>
  readHdfsChanges({ id: '1', source: 's', type, specversion: '1.0', extensions: {}, data }, settings)?.map(
    ({ reference, happening }) => `${happening} ${reference.name}`,
  );
const audit = (cmd: string, src: string, dst = 'null', allowed = true) =>
  `2026-01-01 00:00:00,000 INFO FSNamesystem.audit: allowed=${allowed}\tugi=alice (auth:SIMPLE)\tip=/10.0.0.1\tcmd=${cmd}\tsrc=${src}\tdst=${dst}\tperm=null\tproto=rpc`;
const auditType = 'org.apache.hadoop.hdfs.audit';

test('a file that was closed concerns its folder, or the last level that is looked at', () => {
  const closed = (path: unknown) => names('dev.lakewarden.file.closed', { path });
  expect(closed('/golden/a.parquet')).toEqual(['hdfs/content /golden/a.parquet', 'hdfs/content /golden']);
  expect(closed('/golden/t/2019/09/f')).toEqual(['hdfs/content /golden/t/2019']);
  expect(closed('/raw/x/y')).toEqual(['hdfs/content /raw']);
  expect(closed('/goldenrod/x')).toEqual([]);
  expect(closed(7)).toEqual([]);
});

test('a line of the audit log tells which folder changed, also with spaces in its path', () => {
  expect(names(auditType, audit('setPermission', '/golden/a b'))).toEqual([
    'hdfs/permission /golden/a b',
    'hdfs/permission /golden',
  ]);
  expect(names(auditType, { message: audit('rename (options=[NONE])', '/tmp/x', '/golden/t') })).toEqual([
    'hdfs/content /golden/t',
    'hdfs/content /golden',
  ]);
});

test.each([
  ['what was refused', audit('setPermission', '/golden', 'null', false)],
  ['a look', audit('listStatus', '/golden')],
  ['another folder', audit('setAcl', '/tmp')],
  ['no line', 'cmd=setAcl'],
  ['no text', 5],
])('%s changes nothing', (_, data) => {
  expect(names(auditType, data)).toEqual([]);
});

test('events of others are not ours', () => {
  expect(names('dev.lakewarden.table.created', {})).toBeUndefined();
});

test('the example of an event is understood', () => {
  const { data } = JSON.parse(readFileSync(`events/examples/${auditType}.json`, 'utf8')) as { data: unknown };
  expect(names(auditType, data)).toEqual(['hdfs/permission /golden/clicks', 'hdfs/permission /golden']);
});
