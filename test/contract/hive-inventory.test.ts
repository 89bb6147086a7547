import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openHive } from '#functions/compliance-scan/inventory/hive/open-hive.ts';
import { hiveSettings } from '#functions/compliance-scan/inventory/hive/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import { hiveRules } from '#functions/compliance-scan/rules/hive/hive-rules.ts';
import { HiveServer } from '#shared/hive/hiveserver.ts';
import { Metastore, type Table } from '#shared/hive/metastore.ts';
import { lake } from '../support/lake.ts';
import { listAll, scan, statuses } from '../support/scans.ts';

const { metastore: uri, hiveserver, defaultFs } = lake();
const metastore = new Metastore({ uris: [uri], user: 'lake' });
const hive = new HiveServer({ url: hiveserver });
const database = `hive_scan_${process.pid}`;
const root = `/tmp/${database}`;
/** The same file system under another name. */
const alias = defaultFs.replace('127.0.0.1', 'localhost');
const signal = AbortSignal.timeout(120_000);
const sources: Source[] = [];
const source = (connection: object = {}): Source => {
  const settings = { connection: { uris: [uri], ...connection }, defaultFs, aliases: [alias] };
  sources.push(openHive(hiveSettings.parse(settings)));
  return sources.at(-1) as Source;
};

const given = (principal: string, privilege: string) =>
  new Map([[principal, [{ privilege, createTime: 1, grantor: 'hive', grantorType: 1, grantOption: false }]]]);
const table = (tableName: string, location: string, more: Partial<Table> = {}): Table => ({
  tableName,
  dbName: database,
  owner: 'hive',
  sd: {
    cols: [{ name: 'email', type: 'string' }],
    location,
    inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    serdeInfo: {
      serializationLib: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
      parameters: new Map(),
    },
    parameters: new Map(),
  },
  partitionKeys: [],
  parameters: new Map([
    ['EXTERNAL', 'TRUE'],
    ['classification', 'internal'],
  ]),
  tableType: 'EXTERNAL_TABLE',
  ...more,
});

beforeAll(async () => {
  await metastore.createDatabase({
    name: database,
    locationUri: `${defaultFs}${root}`,
    ownerName: 'bob',
    ownerType: 1,
  });
  const tables = [
    table('plain', `${defaultFs}${root}/plain`, { privileges: { rolePrivileges: given('public', 'SELECT') } }),
    table('slash', `${defaultFs}${root}/slash/`, { privileges: { userPrivileges: given('carol', 'INSERT') } }),
    table('alias', `${alias}${root}/alias`),
    table('schemeless', `${root}/schemeless`),
    table('role', `${defaultFs}${root}/role`, { owner: 'analysts', ownerType: 2 }),
    table('alice', `${defaultFs}${root}/alice`, { owner: 'alice' }),
    table('nobody', `${defaultFs}${root}/nobody`, { owner: '' }),
    table('cased', `${defaultFs}${root}/cased`, {
      parameters: new Map([
        ['EXTERNAL', 'TRUE'],
        ['Classification', 'internal'],
      ]),
    }),
    table('outside', `${defaultFs}/tmp/elsewhere_${process.pid}`),
  ];
  for (const each of tables) await metastore.createTable(each);
  await hive.execute(`CREATE VIEW ${database}.look AS SELECT email FROM ${database}.plain`);
});
afterAll(async () => {
  for (const name of await metastore.tables(database)) await metastore.dropTable(database, name);
  await metastore.dropDatabase(database);
  await Promise.all([metastore.close(), hive.close(), ...sources.map((each) => each.close())]);
});

describe('rules judge a real metastore', () => {
  test('tables by owners, properties, locations and privileges', async () => {
    const roots = { roots: { golden: [root] } };
    const parameters = { 'hive-location-in-lake': { ...roots, otherFolders: [] } };
    const { verdicts, incomplete } = await scan([source()], hiveRules, signal, parameters);
    expect(incomplete).toEqual([]);
    const of = (rule: string) => statuses(verdicts, rule, `${database}.`);
    expect(of('hive-owned-by-role')).toMatchObject({
      plain: 'pass',
      role: 'pass',
      alice: 'fail medium',
      nobody: 'fail medium',
    });
    expect(of('hive-classified')).toMatchObject({ plain: 'pass', cased: 'fail medium' });
    // The metastore itself takes slashes away and adds what is missing; names of one NameNode it keeps.
    expect(of('hive-location-plain')).toMatchObject({
      plain: 'pass',
      slash: 'pass',
      schemeless: 'pass',
      alias: 'fail low',
    });
    expect(of('hive-location-in-lake')).toMatchObject({ plain: 'pass', slash: 'pass', outside: 'fail medium' });
    expect(of('hive-no-grants-to-public')).toMatchObject({ plain: 'fail high', slash: 'pass' });
    expect(of('hive-grants-to-roles')).toMatchObject({ slash: 'fail medium', plain: 'pass' });
    expect(of('hive-personal-columns-described')).toMatchObject({ plain: 'fail low' });
    // A view has no location to judge.
    expect(of('hive-location-plain')).not.toHaveProperty('look');
    const databases = verdicts.filter(
      ({ rule, resource }) => rule === 'hive-owned-by-role' && resource.name === database,
    );
    expect(databases).toMatchObject([{ status: 'fail', evidence: { owner: 'bob', ownerType: 'user' } }]);
  });

  test('the metastore by its settings', async () => {
    const { verdicts } = await scan([source()], hiveRules, signal);
    const own = verdicts.filter(({ resource }) => resource.kind === 'hive.Metastore');
    expect(Object.fromEntries(own.map(({ rule, status }) => [rule, status]))).toEqual({
      'hive-metastore-encrypted': 'fail',
      'hive-metastore-authenticated': 'fail',
      'hive-metastore-authorizes': 'fail',
    });
  });
});

describe('one resource is read as the listing shows it', () => {
  test.each([
    ['hive.Metastore', 'lake'],
    ['hive.Database', database],
    ['hive.Table', `${database}.plain`],
    ['hive.Table', `${database}.look`],
  ])('%s %s', async (kind, name) => {
    const from = source();
    const listed = (await listAll(from, kind, signal)).find((each) => each.name === name);
    if (listed === undefined) throw new Error(`${name} was not listed`);
    const { scope, place } = listed;
    expect(await from.read({ kind, scope, name, place }, signal)).toEqual(listed);
  });

  test.each([
    ['hive.Database', 'not_there'],
    ['hive.Table', `${database}.not_there`],
    ['hive.Table', 'not_there.not_there'],
  ])('%s %s is none', async (kind, name) => {
    expect(await source().read({ kind, scope: '', name, place: {} }, signal)).toBeUndefined();
  });
});

test('a metastore that is away makes every listing fail', async () => {
  const away = source({ uris: ['thrift://127.0.0.1:1'], deadlineSeconds: 2 });
  for (const kind of ['hive.Metastore', 'hive.Database', 'hive.Table'])
    await expect(listAll(away, kind, signal)).rejects.toMatchObject({ code: 'inventory.unavailable' });
});
