import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { readDoorbell } from '#functions/metastore-sync/doorbell.ts';
import type { Problem } from '#functions/metastore-sync/problem.ts';
import { applyRun, type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { encodeFooter, encodeMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { parseFooter } from '#shared/parquet/footer.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { everything, problemsOf, type SyncLake, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { root, database } = lake;
const good = parquet({ id: 'int' }, [{ id: 1 }]);
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const anHourAgo = Date.now() - 3_600_000;
/** Sets a folder's time, so that the mark of a whole walk moves past it in the same second. */
const setAge = async (folder: string, secondsLater = 0): Promise<void> =>
  lake.clients.hdfs.setTimes(`${root}/${folder}`, { modificationTime: anHourAgo + secondsLater * 1_000 });

/** Runs as another user, with clients of its own (a changed one in place of `hdfs` when given). */
async function applyAs(
  user: string,
  topic: string,
  hdfs?: WebHdfs,
  scope: Parameters<SyncLake['apply']>[0] = { kind: 'full', topics: [topic] },
): Promise<RunOutcome> {
  const settings = { ...lake.settings, hdfs: { ...lake.settings.hdfs, user } };
  const clients = createClients(settings);
  const used: Clients = hdfs === undefined ? clients : { ...clients, hdfs };
  try {
    return await applyRun({ scope, dryRun: false, problems: [] }, lake.tools({ settings, clients: used }));
  } finally {
    await clients.metastore.close();
    clients.hdfs.close();
    hdfs?.close();
  }
}

describe('a file that cannot be read', () => {
  const lengthAt = good.length - 8;
  const lying = (length: number): Uint8Array => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setInt32(lengthAt, length, true);
    return bytes;
  };
  const footerStart = lengthAt - new DataView(good.buffer, good.byteOffset).getUint32(lengthAt, true);
  const encryptedColumns = (): Uint8Array => {
    const { metadata } = parseFooter(good.subarray(footerStart, lengthAt), 'good');
    const footer = encodeFooter(encodeMetadata({ ...metadata, encryption_algorithm: {} }));
    return Buffer.concat([good.subarray(0, footerStart), footer]);
  };
  const kinds: [kind: string, bytes: Uint8Array, reason: RegExp][] = [
    ['truncated', good.subarray(0, good.length - 5), /truncated/],
    ['shorter than any footer', good.subarray(0, 7), /truncated/],
    ['text', text('{"id":1}\n'.repeat(100)), /foreign/],
    ['gzip', gzipSync(good), /foreign/],
    ['ORC', text(`ORC${'x'.repeat(100)}ORC`), /foreign/],
    ['an encrypted footer', Buffer.concat([text('PARE'), good.subarray(4, -4), text('PARE')]), /encrypted/],
    ['encrypted columns', encryptedColumns(), /encrypted columns/],
    ['a footer longer than the file', lying(good.length), /the footer claims/],
    ['a footer of negative length', lying(-1), /the footer claims/],
    ['a footer without length', lying(0), /the footer claims/],
    ['a footer that begins too late', lying(good.length - footerStart - 20), /corrupt/],
    ['a footer of noise', Buffer.concat([good.subarray(0, 4), Buffer.alloc(100, 0xa5), good.subarray(-8)]), /corrupt/],
  ];
  const folder = (index: number): string => `unreadable/2019/09/01/${String(index + 1).padStart(2, '0')}`;

  test('is reported by name and holds back its new partition only', async () => {
    await lake.put('unreadable/2019/09/01/00/good.parquet', good);
    await lake.put('unreadable/2019/09/01/00/empty.parquet', new Uint8Array());
    for (const [index, [, bytes]] of kinds.entries()) {
      await lake.put(`${folder(index)}/good.parquet`, good);
      await lake.put(`${folder(index)}/bad.parquet`, bytes);
    }
    lake.events.length = 0;
    const outcome = await lake.apply({ kind: 'full', topics: ['unreadable'] });
    expect(statusOf(outcome)).toBe('partial');
    expect(outcome.tables).toMatchObject([{ created: true, added: 1 }]);
    const problems = problemsOf(outcome);
    for (const [index, [, , reason]] of kinds.entries()) {
      expect(problems.filter(({ path }) => path?.startsWith(`${root}/${folder(index)}`))).toEqual([
        expect.objectContaining({
          code: 'file.unreadable',
          path: `${root}/${folder(index)}/bad.parquet`,
          message: expect.stringMatching(reason),
        }),
        expect.objectContaining({ code: 'partition.held', path: `${root}/${folder(index)}` }),
      ]);
    }
    expect(problems).toHaveLength(2 * kinds.length + 1);
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'file.empty', path: `${root}/unreadable/2019/09/01/00/empty.parquet` }),
    );
    expect(lake.events.filter((event) => event.type.endsWith('table.conflict'))).toHaveLength(kinds.length);
    expect(await lake.ids('unreadable')).toHaveLength(1);
  });

  test('changes nothing when it is met again', async () => {
    const before = await lake.clients.metastore.table(database, 'unreadable');
    expect((await lake.apply({ kind: 'full', topics: ['unreadable'] })).tables).toMatchObject([
      { created: false, added: 0, changed: 0 },
    ]);
    expect(await lake.clients.metastore.table(database, 'unreadable')).toEqual(before);
  });

  test('lets its partition be registered once it is mended or removed', async () => {
    for (const index of kinds.keys()) {
      if (index % 2 === 0) await lake.put(`${folder(index)}/bad.parquet`, good);
      else await lake.clients.hdfs.remove(`${root}/${folder(index)}/bad.parquet`);
    }
    const outcome = await lake.apply({ kind: 'full', topics: ['unreadable'] });
    expect(outcome.tables).toMatchObject([{ added: kinds.length, changed: 0 }]);
    expect(statusOf(outcome)).toBe('done');
    expect(await lake.ids('unreadable')).toHaveLength(1 + kinds.length + kinds.length / 2);
  });

  test('in a registered partition is named by each whole walk until it is mended', async () => {
    await lake.put('tainted/2019/09/01/00/good.parquet', good);
    await setAge('tainted/2019/09/01/00', -1);
    await lake.apply({ kind: 'full', topics: ['tainted'] });
    const path = 'tainted/2019/09/01/00/late.parquet';
    await lake.put(path, text('no Parquet'));
    await lake.put('tainted/2019/09/01/01/good.parquet', good);
    for (const hour of ['00', '01']) await setAge(`tainted/2019/09/01/${hour}`);
    const walk = async (): Promise<Problem[]> => problemsOf(await lake.apply({ kind: 'full', topics: ['tainted'] }));
    const named = [expect.objectContaining({ code: 'file.unreadable', path: `${root}/${path}` })];
    expect(await walk()).toEqual(named);
    expect(await walk()).toEqual(named);
    await lake.put(path, parquet({ id: 'int', extra: 'string' }, [{ id: 2, extra: 'mended' }]));
    expect(await walk()).toEqual([]);
    expect(await lake.sql('SELECT id FROM DB.tainted WHERE extra IS NOT NULL')).toEqual([{ id: 2 }]);
  });
});

describe('a file that is still being written', () => {
  test('is accounted for by the first whole walk after its end, though its folder keeps its time', async () => {
    await lake.put('growing/2019/09/01/00/first.parquet', good);
    const path = `${root}/growing/2019/09/01/00/second.parquet`;
    const { hdfs } = lake.clients;
    const { promise: walked, resolve: goOn } = Promise.withResolvers<void>();
    const bytes = parquet({ id: 'int', extra: 'string' }, [{ id: 2, extra: 'whole' }]);
    const slowly = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 4);
      await walked;
      yield bytes.subarray(4);
    };
    const written = hdfs.create(path, slowly());
    while ((await hdfs.statusIfExists(path)) === undefined);
    await setAge('growing/2019/09/01/00');
    expect(problemsOf(await lake.apply({ kind: 'full', topics: ['growing'] }))).toMatchObject([
      { code: 'file.empty', path },
    ]);
    goOn();
    await written;
    expect((await hdfs.status(`${root}/growing/2019/09/01/00`)).modificationTime).toBe(anHourAgo);
    await lake.put('growing/2019/09/01/01/first.parquet', good);
    await lake.apply({ kind: 'full', topics: ['growing'] });
    expect(await lake.sorted('SELECT id, extra FROM DB.growing', 'id')).toEqual([
      { id: 1, extra: null },
      { id: 1, extra: null },
      { id: 2, extra: 'whole' },
    ]);
  });
});

describe('a lake that changes between the look and the read', () => {
  /** HDFS as it is for somebody who is always a moment too late. */
  class Late extends WebHdfs {
    before: (path: string) => Promise<unknown> = () => Promise.resolve();
    override async read(path: string, offset: number, length: number): Promise<Uint8Array> {
      await this.before(path);
      return super.read(path, offset, length);
    }
  }
  const late = (before: (path: string) => Promise<unknown>): Late => {
    const client = new Late({ addresses: lake.settings.hdfs.addresses, user: lake.settings.hdfs.user });
    client.before = before;
    return client;
  };
  const { user } = lake.settings.hdfs;

  test('a file that vanished is left out, and its neighbours are registered', async () => {
    await lake.put('vanishing/2019/09/01/00/a.parquet', good);
    await lake.put('vanishing/2019/09/01/00/b.parquet', good);
    await lake.put('vanishing/2019/09/01/01/b.parquet', good);
    await lake.put('vanishing/2019/09/01/02/a.parquet', good);
    const hdfs = late(async (path) => path.endsWith('/b.parquet') && lake.clients.hdfs.remove(path));
    const outcome = await applyAs(user, 'vanishing', hdfs);
    expect(problemsOf(outcome).map(({ code, path }) => `${code} ${path?.slice(root.length)}`)).toEqual([
      'file.vanished /vanishing/2019/09/01/00/b.parquet',
      'file.vanished /vanishing/2019/09/01/01/b.parquet',
      'partition.empty /vanishing/2019/09/01/01',
    ]);
    expect(outcome.tables).toMatchObject([{ added: 2 }]);
    expect(await lake.ids('vanishing')).toHaveLength(2);
    expect(statusOf(await lake.apply({ kind: 'full', topics: ['vanishing'] }))).toBe('nothing');
  });

  test('a file that was replaced by a shorter one is held back for one run', async () => {
    const long = parquet({ id: 'int', words: 'string' }, [{ id: 1, words: 'x'.repeat(100_000) }]);
    const noise = Array.from({ length: 20_000 }, (_, id) => ({ id: (id * 2_654_435_761) % 2 ** 31 }));
    await lake.put('shrinking/2019/09/01/00/a.parquet', long);
    await lake.put('shrinking/2019/09/01/01/a.parquet', parquet({ id: 'int' }, noise));
    let replaced = false;
    const hdfs = late(async (path) => {
      if (replaced || !path.includes('/01/a.parquet')) return;
      replaced = true;
      await lake.put('shrinking/2019/09/01/01/a.parquet', good);
    });
    const outcome = await applyAs(user, 'shrinking', hdfs);
    expect(replaced).toBe(true);
    expect(problemsOf(outcome)).toMatchObject([
      { code: 'file.unreadable', path: `${root}/shrinking/2019/09/01/01/a.parquet` },
      { code: 'partition.held', path: `${root}/shrinking/2019/09/01/01` },
    ]);
    expect(outcome.tables).toMatchObject([{ added: 1 }]);
    expect(await lake.apply({ kind: 'full', topics: ['shrinking'] })).toMatchObject({
      tables: [{ added: 1, problems: [] }],
    });
  });
});

describe('what may not be read', () => {
  const hour = (number: number): string => `locked/2019/09/0${number}/00`;

  test('is named, and blocks nothing else', async () => {
    const { hdfs } = lake.clients;
    for (const number of [1, 2, 3, 4]) await lake.put(`${hour(number)}/data.parquet`, good);
    await hdfs.setPermission(`${root}/${hour(2)}/data.parquet`, '600');
    await hdfs.setPermission(`${root}/${hour(3)}`, '700');
    await hdfs.setPermission(`${root}/locked/2019/09/04`, '700');
    const outcome = await applyAs('somebody', 'locked');
    expect(outcome.tables).toMatchObject([{ created: true, added: 1 }]);
    expect(
      problemsOf(outcome)
        .map(({ code, path }) => `${code} ${path?.slice(root.length)}`)
        .toSorted(),
    ).toEqual([
      'file.unreadable /locked/2019/09/02/00/data.parquet',
      'folder.unreadable /locked/2019/09/03/00',
      'folder.unreadable /locked/2019/09/04',
      'partition.held /locked/2019/09/02/00',
    ]);
    expect(await lake.ids('locked')).toHaveLength(1);
  });

  test('is registered once the rights are given', async () => {
    const { hdfs } = lake.clients;
    await hdfs.setPermission(`${root}/${hour(2)}/data.parquet`, '644');
    await hdfs.setPermission(`${root}/${hour(3)}`, '755');
    await hdfs.setPermission(`${root}/locked/2019/09/04`, '755');
    for (const number of [1, 2, 3, 4]) await setAge(hour(number));
    expect((await applyAs('somebody', 'locked')).tables).toMatchObject([{ added: 3, problems: [] }]);
    expect(await lake.ids('locked')).toHaveLength(4);
  });

  test('in a registered partition is found by the first whole walk after the rights are given', async () => {
    const { hdfs } = lake.clients;
    const more = parquet({ id: 'int', extra: 'string' }, [{ id: 2, extra: 'seen' }]);
    await lake.put(`${hour(1)}/more.parquet`, more);
    await lake.put(`${hour(2)}/more.parquet`, more);
    await hdfs.setPermission(`${root}/${hour(1)}/more.parquet`, '600');
    await hdfs.setPermission(`${root}/${hour(2)}`, '700');
    await lake.put(`${hour(5)}/data.parquet`, good);
    for (const number of [1, 2, 5]) await setAge(hour(number), 1);
    const outcome = await applyAs('somebody', 'locked');
    expect(outcome.tables).toMatchObject([{ added: 1, changed: 0 }]);
    expect(problemsOf(outcome).map(({ code }) => code)).toEqual(['folder.unreadable', 'file.unreadable']);
    await hdfs.setPermission(`${root}/${hour(1)}/more.parquet`, '644');
    await hdfs.setPermission(`${root}/${hour(2)}`, '755');
    await lake.put(`${hour(6)}/data.parquet`, good);
    expect((await applyAs('somebody', 'locked')).tables).toMatchObject([{ added: 1, changed: 2, problems: [] }]);
    expect(await lake.sorted('SELECT day FROM DB.locked WHERE extra IS NOT NULL', 'day')).toEqual([
      { day: '01' },
      { day: '02' },
    ]);
  });

  test('when it is a whole topic, the other topics go on', async () => {
    await lake.put('forbidden/2019/09/01/00/data.parquet', good);
    await lake.put('permitted/2019/09/01/00/data.parquet', good);
    await lake.clients.hdfs.setPermission(`${root}/forbidden`, '700');
    const scope = { kind: 'recent' as const, topics: ['forbidden', 'permitted'] };
    const outcome = await applyAs('somebody', '', undefined, scope);
    expect(problemsOf(outcome)).toMatchObject([{ code: 'folder.unreadable', path: `${root}/forbidden` }]);
    expect(outcome.tables).toMatchObject([
      { topic: 'forbidden', created: false },
      { topic: 'permitted', created: true, added: 1 },
    ]);
  });
});

describe('a path of an event', () => {
  const event = (...paths: string[]) => ({ type: 'dev.lakewarden.file.closed', data: { paths } });

  test.each([
    ['..', '/golden/clicks/../../etc/passwd', 'path.invalid'],
    ['no absolute path', 'clicks/2019', 'path.invalid'],
    ['another file system', 's3://bucket/golden/clicks/x.parquet', 'path.outside_root'],
    ['a NUL', '/golden/clicks/\0', 'path.invalid'],
  ])('with %s is refused for good', (_, path, code) => {
    expect(() => readDoorbell(event(path), lake.settings)).toThrow(
      expect.objectContaining({ code, disposition: 'reject' }),
    );
  });

  test('outside the root is refused for good', async () => {
    const outside = { kind: 'paths' as const, paths: [`${root}-copy/clicks/2019/09/01/00/data.parquet`] };
    await expect(lake.apply(outside)).rejects.toMatchObject({ code: 'path.outside_root', disposition: 'reject' });
  });

  test('that is a file where a folder should be is named', async () => {
    await lake.put('flat/2019/09/01/00', good);
    const outcome = await lake.apply({ kind: 'paths', paths: [`${root}/flat/2019/09/01/00/data.parquet`] });
    expect(problemsOf(outcome)).toMatchObject([{ code: 'path.unexpected', path: `${root}/flat/2019/09/01/00` }]);
    expect(outcome.tables).toMatchObject([{ created: false }]);
  });
});

test('after all of it, a run over everything has nothing left to do', async () => {
  await lake.clients.hdfs.setPermission(`${root}/forbidden`, '755');
  await lake.apply(everything);
  expect((await lake.apply(everything)).tables.filter(({ added, changed }) => added + changed > 0)).toEqual([]);
});
