import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { collect } from '../support/collect.ts';
import { lake } from '../support/lake.ts';

const root = `/contract/hdfs-metadata-${process.pid}`;
const file = `${root}/file`;
let hdfs: WebHdfs;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

beforeAll(async () => {
  hdfs = new WebHdfs({ addresses: [lake().webhdfs], user: 'root' });
  await hdfs.mkdirs(root, '755');
  await hdfs.create(file, bytes('data'));
});
afterAll(async () => {
  await hdfs.remove(root, { recursive: true });
  hdfs.close();
});

function sorted(list: readonly { type: string; source: string }[]): unknown[] {
  return list.toSorted((a, b) => `${a.type} ${a.source}`.localeCompare(`${b.type} ${b.source}`, 'en'));
}

test('permission, owner, times and replication are set', async () => {
  await hdfs.setPermission(file, '1640');
  await hdfs.setOwner(file, { owner: 'alice', group: 'ops' });
  await hdfs.setTimes(file, { modificationTime: 1_500_000_000_123 });
  await hdfs.setTimes(file, { accessTime: 1_500_000_000_456 });
  await hdfs.setReplication(file, 2);
  expect(await hdfs.status(file)).toMatchObject({
    permission: '1640',
    owner: 'alice',
    group: 'ops',
    modificationTime: 1_500_000_000_123,
    accessTime: 1_500_000_000_456,
    replication: 2,
  });
  await expect(hdfs.setReplication(root, 2)).rejects.toMatchObject({ code: 'hdfs.invalid' });
});

test('extended attributes keep any bytes', async () => {
  const value = Uint8Array.from({ length: 256 }, (_, index) => index);
  await hdfs.setXattr(file, 'user.bytes', value, 'create');
  await hdfs.setXattr(file, 'user.empty', new Uint8Array(0));
  const xattrs = await hdfs.getXattrs(file);
  expect([...xattrs.keys()].toSorted()).toEqual(['user.bytes', 'user.empty']);
  expect([...(xattrs.get('user.bytes') ?? [])]).toEqual([...value]);
  expect(xattrs.get('user.empty')).toHaveLength(0);
  await expect(hdfs.setXattr(file, 'user.bytes', value, 'create')).rejects.toMatchObject({ code: 'hdfs.exists' });
  await expect(hdfs.setXattr(file, 'user.none', value, 'replace')).rejects.toMatchObject({ code: 'hdfs.not_found' });
  await hdfs.setXattr(file, 'user.bytes', bytes('"quoted"'), 'replace');
  expect(Buffer.from((await hdfs.getXattrs(file)).get('user.bytes') ?? []).toString()).toBe('"quoted"');
  await hdfs.removeXattr(file, 'user.bytes');
  await expect(hdfs.removeXattr(file, 'user.bytes')).rejects.toMatchObject({ code: 'hdfs.not_found' });
  await expect(hdfs.setXattr(file, 'nameless', value)).rejects.toMatchObject({ code: 'hdfs.invalid' });
});

test('ACL entries are read, added, replaced and removed', async () => {
  expect((await hdfs.aclStatus(root)).entries).toEqual([]);
  await hdfs.modifyAcl(root, ['user:alice:r-x', 'default:group:ops:r--']);
  const status = await hdfs.aclStatus(root);
  expect(status).toMatchObject({ owner: 'root', permission: '755', stickyBit: false });
  expect(status.entries).toEqual(expect.arrayContaining(['user:alice:r-x', 'default:group:ops:r--']));
  expect((await hdfs.status(root)).acl).toBe(true);
  await hdfs.setAcl(root, ['user::rwx', 'group::r-x', 'other::---', 'user:bob:--x']);
  expect((await hdfs.aclStatus(root)).entries).toContain('user:bob:--x');
  expect((await hdfs.aclStatus(root)).entries).not.toContain('user:alice:r-x');
  await expect(hdfs.setAcl(root, ['user:bob:--x'])).rejects.toMatchObject({ code: 'hdfs.invalid' });
  await hdfs.removeAcl(root);
  expect((await hdfs.aclStatus(root)).entries).toEqual([]);
});

test('snapshots are taken, compared, read, renamed and deleted', async () => {
  const golden = `${root}/golden`;
  await hdfs.create(`${golden}/2019/09/a`, bytes('a'));
  await hdfs.create(`${golden}/2019/09/gone`, bytes('gone'));
  await expect(hdfs.createSnapshot(golden, 's1')).rejects.toMatchObject({ code: 'hdfs.unsupported' });
  await expect(hdfs.snapshotDiff(golden, 's1', '')).rejects.toMatchObject({ code: 'hdfs.unsupported' });
  await hdfs.allowSnapshot(golden);
  await hdfs.allowSnapshot(golden);
  expect((await hdfs.status(golden)).snapshotEnabled).toBe(true);
  expect(await hdfs.createSnapshot(golden, 's1')).toBe(`${golden}/.snapshot/s1`);
  await expect(hdfs.createSnapshot(golden, 's1')).rejects.toMatchObject({ code: 'hdfs.exists' });

  await hdfs.create(`${golden}/2019/10/01/b`, bytes('b'));
  await hdfs.create(`${golden}/2019/09/new+ 100%25 ü`, bytes('n'));
  await hdfs.remove(`${golden}/2019/09/gone`);
  await hdfs.append(`${golden}/2019/09/a`, bytes('a'));
  await hdfs.rename(`${golden}/2019/09/a`, `${golden}/2019/10/a`, 'none');
  await hdfs.createSnapshot(golden, 's2');
  const expected = [
    { type: 'CREATE', source: '2019/10' },
    { type: 'CREATE', source: '2019/09/new+ 100%25 ü' },
    { type: 'DELETE', source: '2019/09/gone' },
    { type: 'RENAME', source: '2019/09/a', target: '2019/10/a' },
    { type: 'MODIFY', source: '2019/09/a' },
    { type: 'MODIFY', source: '2019/09' },
    { type: 'MODIFY', source: '2019' },
  ];
  expect(sorted(await hdfs.snapshotDiff(golden, 's1', 's2'))).toEqual(sorted(expected));
  expect(sorted(await hdfs.snapshotDiff(golden, 's1', ''))).toEqual(sorted(expected));
  expect(await hdfs.snapshotDiff(golden, 's2', '')).toEqual([]);
  await expect(hdfs.snapshotDiff(golden, 's0', 's2')).rejects.toMatchObject({ code: 'hdfs.not_found' });

  const old = await collect(hdfs.list(`${golden}/.snapshot/s1/2019/09`));
  expect(old.map(({ name }) => name)).toEqual(['a', 'gone']);
  expect(Buffer.from(await hdfs.read(`${golden}/.snapshot/s1/2019/09/gone`, 0, 9)).toString()).toBe('gone');
  expect(await hdfs.snapshotList(golden)).toEqual(['s1', 's2']);
  await expect(hdfs.disallowSnapshot(golden)).rejects.toMatchObject({ code: 'hdfs.invalid' });
  await hdfs.renameSnapshot(golden, 's1', 's0');
  await hdfs.deleteSnapshot(golden, 's0');
  await expect(hdfs.deleteSnapshot(golden, 's0')).rejects.toMatchObject({ code: 'hdfs.not_found' });
  await hdfs.deleteSnapshot(golden, 's2');
  await hdfs.disallowSnapshot(golden);
});

test('another user is refused by name', async () => {
  await hdfs.setPermission(root, '700');
  const other = new WebHdfs({ addresses: [lake().webhdfs], user: 'mallory' });
  try {
    await expect(other.status(file)).rejects.toMatchObject({
      code: 'hdfs.access_denied',
      message: expect.stringContaining('user=mallory'),
      details: { path: file, exception: 'AccessControlException' },
    });
    await expect(other.remove(root, { recursive: true })).rejects.toMatchObject({ code: 'hdfs.access_denied' });
    expect(await other.homeDirectory()).toBe('/user/mallory');
  } finally {
    other.close();
    await hdfs.setPermission(root, '755');
  }
});

test('the NameNode tells its time, and the time of a change lies near it', async () => {
  const before = await hdfs.serverTime();
  await hdfs.create(`${root}/now`, bytes('x'));
  const { modificationTime } = await hdfs.status(`${root}/now`);
  const after = await hdfs.serverTime();
  expect(modificationTime).toBeGreaterThanOrEqual(before);
  expect(modificationTime).toBeLessThan(after + 1_000);
});

test('a cluster without Kerberos gives no delegation token, and a wrong one is not repeated in the error', async () => {
  expect(await hdfs.getDelegationToken('root')).toBeUndefined();
  await expect(hdfs.renewDelegationToken('AAASECRET')).rejects.toThrow(/^(?!.*SECRET)/);
  await expect(hdfs.cancelDelegationToken('AAASECRET')).rejects.toThrow(/^(?!.*SECRET)/);
});

test('a closed or foreign address is unavailable, and its neighbour is used', async () => {
  const options = { user: 'root', patienceMs: 0 };
  const nowhere = new WebHdfs({ ...options, addresses: ['http://127.0.0.1:1'] });
  await expect(nowhere.status('/')).rejects.toMatchObject({ code: 'hdfs.unavailable', details: { path: '/' } });
  await expect(nowhere.remove('/x')).rejects.not.toHaveProperty('details.ambiguous');
  nowhere.close();
  const pair = new WebHdfs({ user: 'root', addresses: ['http://127.0.0.1:1', lake().webhdfs] });
  await pair.create(`${root}/pair`, bytes('x'));
  expect((await pair.status(`${root}/pair`)).length).toBe(1);
  pair.close();
});
