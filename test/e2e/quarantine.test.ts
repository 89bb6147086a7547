import { expect, test } from '@jest/globals';
import { storeLetters } from '#functions/dead-letter-triage/quarantine/store.ts';
import { deadRecord, headers } from '../support/dead-letters.ts';
import { lake } from '../support/lake.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const place = useSyncLake({ templates: ['dt={dt}/hour={hour}'] });
const { hdfs } = place.clients;

const batch = { first: 0n, last: 2n };
const entries = Array.from({ length: 3 }, (_, index) => ({
  record: deadRecord({
    offset: BigInt(index),
    key: index === 0 ? null : Buffer.from([0xff, index]),
    value: index === 1 ? null : Buffer.from('für'),
    headers: headers(['h', 'eins'], ['h', null], ['', Buffer.from([0, 0xff])]),
  }),
  fingerprint: 'v1:00',
  class: 'json-syntax',
  action: 'quarantine',
  faults: [{ code: 'json.truncated' }, { code: 'utf8.mark' }] as const,
}));

test('letters set aside are a table of Hive that metastore-sync registers, all bytes included', async () => {
  const [file] = await storeLetters(entries, batch, { root: place.root, format: 'parquet' }, hdfs);
  expect(file?.path).toBe(`${place.root}/orders-dlq/dt=2023-11-14/hour=22/part-0-0-2.snappy.parquet`);
  expect(await place.apply()).toMatchObject({ problems: [] });
  const rows = await place.sql(`
    SELECT kafka_offset, hex(key), decode(value, 'UTF-8'), size(headers), hex(headers[2].value), headers[1].value IS NULL,
      decode(headers[0].value, 'UTF-8'), class, faults[1], dt, hour
    FROM DB.orders_dlq ORDER BY kafka_offset`);
  const common = [3, '00FF', true, 'eins', 'json-syntax', 'utf8.mark', '2023-11-14', '22'];
  expect(rows.map((row) => Object.values(row).map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)))).toEqual(
    [
      [0, null, 'für', ...common],
      [1, 'FF01', null, ...common],
      [2, 'FF02', 'für', ...common],
    ],
  );
});

test('lines of JSON are a table of Hive, too', async () => {
  const root = `${place.root}/.lines`;
  const [file] = await storeLetters(entries, batch, { root, format: 'jsonl' }, hdfs);
  expect(file?.path).toMatch(/part-0-0-2\.jsonl\.gz$/);
  const folder = `${lake().defaultFs}${file?.path.replace(/\/[^/]*$/, '')}`;
  await place.sql(`
    CREATE EXTERNAL TABLE DB.lines (kafka_offset string, key struct<text:string,base64:string>,
      value struct<text:string,base64:string>, faults array<string>)
    STORED AS JSONFILE LOCATION '${folder}'`);
  const rows = await place.sql(
    'SELECT kafka_offset, unbase64(key.base64), value.text, faults[0] FROM DB.lines ORDER BY 1',
  );
  expect(rows.map((row) => Object.values(row).slice(2))).toEqual([
    ['für', 'json.truncated'],
    [null, 'json.truncated'],
    ['für', 'json.truncated'],
  ]);
});

test('setting the same letters aside again changes nothing, also when many do it at once', async () => {
  const root = `${place.root}/.again`;
  const store = () => storeLetters(entries, batch, { root, format: 'parquet' }, hdfs);
  const [[first]] = await Promise.all([store(), store(), store()]);
  const folder = first?.path.replace(/\/[^/]*$/, '') ?? '';
  const before = await hdfs.status(first?.path ?? '');
  await store();
  // Retention may have deleted letters before the batch is done again.
  await storeLetters(entries.slice(1), batch, { root, format: 'parquet' }, hdfs);
  expect(await hdfs.status(first?.path ?? '')).toEqual(before);
  const names = [];
  for await (const { name } of hdfs.list(folder)) names.push(name);
  expect(names).toEqual(['part-0-0-2.snappy.parquet']);
});
