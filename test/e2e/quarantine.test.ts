import { expect, test } from '@jest/globals';
import { Drafts } from '#functions/dead-letter-triage/quarantine/drafts.ts';
import { storeLetters } from '#functions/dead-letter-triage/quarantine/store.ts';
import { deadRecord, headers } from '../support/dead-letters.ts';
import { lake } from '../support/lake.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const place = useSyncLake({ templates: ['dt={dt}/hour={hour}'] });
const { hdfs } = place.clients;

const drafts = (now = Date.now()) => new Drafts(hdfs, () => now);
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
  const [file] = await storeLetters(entries, batch, { root: place.root, format: 'parquet' }, hdfs, drafts());
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
  const [file] = await storeLetters(entries, batch, { root, format: 'jsonl' }, hdfs, drafts());
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
  const store = () => storeLetters(entries, batch, { root, format: 'parquet' }, hdfs, drafts());
  const [[first]] = await Promise.all([store(), store(), store()]);
  const folder = first?.path.replace(/\/[^/]*$/, '') ?? '';
  const before = await hdfs.status(first?.path ?? '');
  await store();
  // Retention may have deleted letters before the batch is done again.
  await storeLetters(entries.slice(1), batch, { root, format: 'parquet' }, hdfs, drafts());
  expect(await hdfs.status(first?.path ?? '')).toEqual(before);
  const names = [];
  for await (const { name } of hdfs.list(folder)) names.push(name);
  expect(names).toEqual(['part-0-0-2.snappy.parquet']);
});

test('drafts of runs that were killed are removed: those of the same batch at once, others when they are a day old', async () => {
  const root = `${place.root}/.drafts`;
  const store = (now?: number) => storeLetters(entries, batch, { root, format: 'parquet' }, hdfs, drafts(now));
  const [file] = await store();
  const folder = file?.path.replace(/\/[^/]*$/, '') ?? '';
  const own = '.part-0-0-2.snappy.parquet.0123abcd';
  const others = [
    '.part-0-0-21.snappy.parquet.0123abcd',
    '.part-0-3-4.jsonl.gz.0123abcd',
    '.part-1-0-2.snappy.parquet.0123abcd',
  ];
  const foreign = ['.part-0-0-2.snappy.parquet.0123abcd.mine', '.part-x', '.other', 'part-0-3-4.snappy.parquet'];
  for (const name of [own, ...others, ...foreign]) await hdfs.create(`${folder}/${name}`, Buffer.from('x'));
  await hdfs.mkdirs(`${folder}/.part-0-9-9.jsonl.gz.0123abcd`);
  const kept = ['.part-0-9-9.jsonl.gz.0123abcd', 'part-0-0-2.snappy.parquet', ...foreign];
  const names = async (): Promise<string[]> => {
    const found = [];
    for await (const { name } of hdfs.list(folder)) found.push(name);
    return found.toSorted();
  };
  await store();
  expect(await names()).toEqual([...others, ...kept].toSorted());
  await store(Date.now() + 90_000_000);
  expect(await names()).toEqual(kept.toSorted());
  expect(await hdfs.status(file?.path ?? '')).toMatchObject({ length: file?.bytes });
});
