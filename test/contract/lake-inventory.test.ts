import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { openHdfs } from '#functions/compliance-scan/inventory/hdfs/open-hdfs.ts';
import { hdfsSettings } from '#functions/compliance-scan/inventory/hdfs/settings.ts';
import { openHive } from '#functions/compliance-scan/inventory/hive/open-hive.ts';
import { hiveSettings } from '#functions/compliance-scan/inventory/hive/settings.ts';
import { openKafka } from '#functions/compliance-scan/inventory/kafka/open-kafka.ts';
import { kafkaSettings } from '#functions/compliance-scan/inventory/kafka/settings.ts';
import type { Verdict } from '#functions/compliance-scan/model/verdict.ts';
import { lakeRules } from '#functions/compliance-scan/rules/lake/lake-rules.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { Metastore } from '#shared/hive/metastore.ts';
import { KafkaTopics } from '../support/kafka-topics.ts';
import { lake } from '../support/lake.ts';
import { scan, statuses } from '../support/scans.ts';

const { kafka: broker = '', webhdfs, defaultFs, metastore: uri } = lake();
const signal = AbortSignal.timeout(120_000);
const id = randomUUID().slice(0, 8);
const [golden, database] = [`/tmp/scan-lake-${id}`, `scan_lake_${id}`];
const [clicks, orders] = [`scan-clicks-${id}`, `scan-orders-${id}`];
const topicNames = [clicks, `${clicks}.dlq`, orders, `${orders}.dlq`];

const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker] });
const topics = new KafkaTopics(broker);
const hdfs = new WebHdfs({ addresses: [webhdfs], user: superuser });
const metastore = new Metastore({ uris: [uri], user: 'lake' });
const sources = [
  openKafka(kafkaSettings.parse({ connection: { brokers: [broker] } })),
  openHdfs(
    hdfsSettings.parse({
      connection: { addresses: [webhdfs], defaultFs, user: superuser },
      roots: [{ name: 'golden', path: golden, depth: 1 }],
    }),
  ),
  openHive(hiveSettings.parse({ connection: { uris: [uri] }, defaultFs })),
];

const reads = (name: string, principal: string) => {
  const [topic, literal, read, allow] = [2, 3, 3, 3] as const;
  const what = { resourceType: topic, resourceName: name, resourcePatternType: literal };
  return { ...what, principal, host: '*', operation: read, permissionType: allow };
};
const acls = [
  ...topicNames.map((name) => reads(name, 'User:app')),
  reads(`${orders}.dlq`, 'User:*'),
  reads(clicks, 'User:ann'),
];
const folders = { [clicks]: '750', [orders]: '755', open: '777' };

let verdicts: Verdict[];
beforeAll(async () => {
  await hdfs.mkdirs(golden, '755');
  for (const [name, permission] of Object.entries(folders)) {
    await hdfs.mkdirs(`${golden}/${name}`);
    await hdfs.setPermission(`${golden}/${name}`, permission);
  }
  await hdfs.modifyAcl(`${golden}/${clicks}`, ['user:ann:r-x', 'user:eve:r-x', 'user:bob:rwx', 'mask::r-x']);
  const kept = { 'retention.ms': String(7 * 86_400_000) };
  await topics.create(clicks, 1, kept);
  await topics.create(`${clicks}.dlq`, 1, kept);
  await topics.create(orders, 1, kept);
  await topics.create(`${orders}.dlq`, 1, { 'retention.ms': '-1' });
  await admin.createAcls({ creations: acls });
  await metastore.createDatabase({ name: database, locationUri: `${defaultFs}${golden}` });
  for (const [index, name] of [clicks, orders, 'open'].entries())
    await metastore.createTable({
      tableName: `t${index}`,
      dbName: database,
      owner: 'ann',
      sd: {
        cols: [{ name: 'id', type: 'int' }],
        location: `${defaultFs}${golden}/${name}`,
        inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
        serdeInfo: { serializationLib: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        parameters: new Map(),
      },
      parameters: new Map([['EXTERNAL', 'TRUE']]),
      tableType: 'EXTERNAL_TABLE',
    });
  const found = await scan(sources, lakeRules, signal);
  verdicts = found.verdicts;
});
afterAll(async () => {
  await Promise.all(sources.map((each) => each.close()));
  for (const name of await metastore.tables(database)) await metastore.dropTable(database, name);
  await metastore.dropDatabase(database);
  await metastore.close();
  await admin.deleteAcls({ filters: acls });
  await admin.close();
  await topics.delete(...topicNames);
  await topics.close();
  await hdfs.remove(golden, { recursive: true });
  hdfs.close();
});
const reason = (rule: string, name: string) =>
  verdicts.find((verdict) => verdict.rule === rule && verdict.resource.name === name)?.reason;

test('privileges in SQL are held against what HDFS lets everybody read', () => {
  expect(statuses(verdicts, 'lake-files-not-wider-than-grants', `${database}.`)).toEqual({
    t0: 'fail high',
    t1: 'fail high',
    t2: 'fail high',
  });
  // The owner may query; whom the ACL names besides may not.
  expect(reason('lake-files-not-wider-than-grants', `${database}.t0`)).toBe(
    `bob, eve can read the files of ${database}.t0 without the privilege to query it`,
  );
});

test('a table is not there for everybody to add files', () => {
  expect(statuses(verdicts, 'lake-table-not-world-writable', `${database}.`)).toEqual({
    t0: 'pass',
    t1: 'pass',
    t2: 'fail critical',
  });
});

test('a table is known to lie in no encryption zone', () => {
  expect(statuses(verdicts, 'lake-table-in-encryption-zone', `${database}.`)).toMatchObject({ t0: 'fail medium' });
});

test('a folder is held against the rules of the topic that was written into it', () => {
  const judged = verdicts.filter(({ rule }) => rule === 'lake-folder-not-wider-than-topic');
  expect(judged.map(({ resource, part, status }) => [resource.name, part, status])).toEqual(
    expect.arrayContaining([
      [clicks, `${golden}/${clicks}`, 'fail'],
      [orders, `${golden}/${orders}`, 'fail'],
    ]),
  );
  expect(reason('lake-folder-not-wider-than-topic', clicks)).toBe(
    `bob, eve can read ${golden}/${clicks} and may not read topic ${clicks}`,
  );
});

test('dead letters are held against the rules and the retention of their source', () => {
  expect(statuses(verdicts, 'lake-dead-letters-not-wider', 'scan-')).toMatchObject({
    [`clicks-${id}.dlq`]: 'pass',
    [`orders-${id}.dlq`]: 'fail critical',
  });
  expect(statuses(verdicts, 'lake-dead-letters-kept', 'scan-')).toMatchObject({
    [`clicks-${id}.dlq`]: 'pass',
    [`orders-${id}.dlq`]: 'fail medium',
  });
});
