import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openHdfs } from '#functions/compliance-scan/inventory/hdfs/open-hdfs.ts';
import { hdfsSettings } from '#functions/compliance-scan/inventory/hdfs/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import { hdfsRules } from '#functions/compliance-scan/rules/hdfs/hdfs-rules.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { lake } from '../support/lake.ts';
import { listAll, scan, statuses } from '../support/scans.ts';

const { webhdfs, defaultFs } = lake();
const hdfs = new WebHdfs({ addresses: [webhdfs], user: superuser });
const root = `/tmp/scan-${randomUUID()}`;
const signal = AbortSignal.timeout(120_000);
const sources: Source[] = [];
const source = (user = superuser, more: object = {}): Source => {
  const connection = { addresses: [webhdfs], defaultFs, user };
  const roots = [{ name: 'golden', path: root, depth: 2 }];
  sources.push(openHdfs(hdfsSettings.parse({ connection, roots, ...more })));
  return sources.at(-1) as Source;
};
const file = (path: string, permission: string) => hdfs.create(`${root}/${path}`, Buffer.from('x'), { permission });
const folder = async (name: string, permission: string, owner = { owner: 'connect', group: 'lake' }) => {
  await hdfs.mkdirs(`${root}/${name}`);
  await hdfs.setPermission(`${root}/${name}`, permission);
  await hdfs.setOwner(`${root}/${name}`, owner);
};

beforeAll(async () => {
  await folder('', '711');
  await folder('closed', '750');
  await folder('shared', '1777');
  await folder('open', '755');
  await folder('open/below', '755');
  await folder('open/worse', '777');
  await folder('shielded', '700');
  await folder('shielded/inside', '777');
  await folder('masked', '750');
  await hdfs.modifyAcl(`${root}/masked`, ['user:alice:rwx', 'mask::---']);
  await folder('named', '750');
  await hdfs.modifyAcl(`${root}/named`, ['user:alice:r-x', 'user:trino:r-x']);
  await folder('others', '750');
  await hdfs.modifyAcl(`${root}/others`, ['other::r-x']);
  await folder('future', '750');
  await hdfs.modifyAcl(`${root}/future`, ['default:other::r-x']);
  await folder('alice', '750', { owner: 'alice', group: 'lake' });
  await folder('super', '770', { owner: 'connect', group: 'supergroup' });
  await folder('pass', '711');
  await file('pass/readable', '644');
  await file('pass/closed', '640');
  for (const name of ['a b', 'c%3A', 'größe', 'line\nbreak']) await folder(name, '750');
});
afterAll(async () => {
  await hdfs.remove(root, { recursive: true });
  hdfs.close();
  await Promise.all(sources.map((each) => each.close()));
});

describe('rules judge a real file system', () => {
  test('folders by what really holds: modes, ACLs, masks, defaults, and what lies above', async () => {
    const { verdicts, incomplete } = await scan([source()], hdfsRules, signal);
    expect(incomplete).toEqual([]);
    const of = (rule: string) => statuses(verdicts, rule, `${root}/`);
    expect(of('hdfs-not-readable-by-others')).toMatchObject({
      closed: 'pass',
      open: 'fail high',
      others: 'fail high',
      shielded: 'pass',
      'shielded/inside': 'pass',
      masked: 'pass',
      pass: 'fail medium',
    });
    // What is as open as the folder above it has no finding of its own.
    expect(of('hdfs-not-readable-by-others')).not.toHaveProperty('open/below');
    expect(of('hdfs-not-writable-by-others')).toMatchObject({
      shared: 'fail high',
      open: 'pass',
      'open/worse': 'fail critical',
      'shielded/inside': 'pass',
    });
    expect(of('hdfs-shared-folders-sticky')).toEqual({
      shared: 'pass',
      'open/worse': 'fail medium',
      'shielded/inside': 'fail medium',
    });
    expect(of('hdfs-no-acl-for-people')).toMatchObject({ named: 'fail medium', masked: 'pass', others: 'pass' });
    expect(of('hdfs-no-masked-acl')).toMatchObject({ masked: 'fail low', named: 'pass' });
    expect(of('hdfs-no-open-default-acl')).toMatchObject({ future: 'fail high', named: 'pass' });
    expect(of('hdfs-owned-by-service')).toMatchObject({ alice: 'fail medium', closed: 'pass' });
    expect(of('hdfs-no-supergroup-writers')).toMatchObject({ super: 'fail high', closed: 'pass' });
    expect(of('hdfs-plain-names')).toMatchObject({
      'a b': 'pass',
      'c%3A': 'pass',
      größe: 'pass',
      'line\nbreak': 'fail low',
    });
  });

  test('what is written is as open as the default ACL says, in a folder that looks closed', async () => {
    await hdfs.mkdirs(`${root}/future/later`);
    const { permission } = await hdfs.status(`${root}/future/later`);
    expect(permission).toMatch(/5$/);
    expect((await hdfs.status(`${root}/future`)).permission).toMatch(/0$/);
  });

  test('the file system by its settings', async () => {
    const { verdicts } = await scan([source()], hdfsRules, signal);
    const of = Object.fromEntries(
      verdicts.filter(({ resource }) => resource.kind === 'hdfs.FileSystem').map(({ rule, status }) => [rule, status]),
    );
    expect(of).toMatchObject({
      'hdfs-permissions-enabled': 'pass',
      'hdfs-users-authenticated': 'fail',
      'hdfs-web-encrypted': 'fail',
      'hdfs-transfer-encrypted': 'fail',
      'hdfs-umask-closes': 'pass',
    });
  });

  test('a root with limits has a quota, one without has none', async () => {
    const quota = async () => {
      const { verdicts } = await scan([source()], hdfsRules, signal);
      return verdicts.find(({ rule }) => rule === 'hdfs-root-has-quota')?.status;
    };
    const limit = async (names: number, bytes: number): Promise<void> => {
      const query = `op=SETQUOTA&namespacequota=${names}&storagespacequota=${bytes}&user.name=${superuser}`;
      const { ok } = await fetch(`${webhdfs}/webhdfs/v1${root}?${query}`, { method: 'PUT', signal });
      expect(ok).toBe(true);
    };
    expect(await quota()).toBe('fail');
    await limit(1_000_000, 1e12);
    expect(await quota()).toBe('pass');
    await limit(-1, 1e12);
    expect(await quota()).toBe('fail');
  });
});

describe('one folder is read as the listing shows it', () => {
  test.each(['', '/closed', '/named', '/open/worse', '/shielded/inside', '/line\nbreak'])('%j', async (path) => {
    const from = source();
    const listed = (await listAll(from, 'hdfs.Folder', signal)).find(({ name }) => name === `${root}${path}`);
    if (listed === undefined) throw new Error(`${path} was not listed`);
    const { kind, scope, name, place } = listed;
    expect(await from.read({ kind, scope, name, place }, signal)).toEqual(listed);
  });

  test.each(['/gone', '/closed/too/deep', '/pass/readable', '/../..'])('%s is none', async (path) => {
    const reference = { kind: 'hdfs.Folder', scope: '', name: `${root}${path}`, place: {} };
    expect(await source().read(reference, signal)).toBeUndefined();
  });
});

describe('what we may not read is never taken for nothing', () => {
  test('a folder that may not be listed makes the listing incomplete by name, and the others are judged', async () => {
    const seen: string[] = [];
    const walk = async (): Promise<void> => {
      const from = source('connect');
      for await (const page of from.list({ id: '', kind: 'hdfs.Folder' }, signal))
        seen.push(...page.map(({ name }) => name));
    };
    await expect(walk()).rejects.toMatchObject({
      code: 'inventory.forbidden',
      message: expect.stringContaining(`${root}/alice`),
    });
    expect(seen).toEqual(expect.arrayContaining([`${root}/alice`, `${root}/closed`, root]));
  });

  test('a root that is not there is no empty one', async () => {
    const from = source(superuser, { roots: [{ name: 'golden', path: `${root}/gone` }] });
    await expect(listAll(from, 'hdfs.Folder', signal)).rejects.toMatchObject({ code: 'inventory.incomplete' });
  });

  test('a NameNode that is away makes every listing fail', async () => {
    const connection = { addresses: ['http://127.0.0.1:1'], defaultFs, deadlineSeconds: 1 };
    for (const kind of ['hdfs.FileSystem', 'hdfs.Folder'])
      await expect(listAll(source(superuser, { connection }), kind, signal)).rejects.toThrow('HDFS');
  });
});
