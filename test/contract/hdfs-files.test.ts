import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxUrlBytes } from '#shared/hdfs/path.ts';
import { readRefusal } from '#shared/hdfs/remote-exception.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { collect } from '../support/collect.ts';
import { lake } from '../support/lake.ts';

const root = `/contract/hdfs-files-${process.pid}`;
let hdfs: WebHdfs;

beforeAll(async () => {
  hdfs = new WebHdfs({ addresses: [lake().webhdfs], user: 'root' });
  await hdfs.mkdirs(root);
});
afterAll(async () => {
  await hdfs.remove(root, { recursive: true });
  hdfs.close();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = async (path: string): Promise<string> => Buffer.from(await hdfs.read(path, 0, 1 << 20)).toString();

async function* numberedPieces(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 100; index += 1) yield new Uint8Array(100_001).fill(index);
}

async function* brokenSource(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(3 << 20);
  await sleep(100);
  throw new RangeError('the source broke');
}

describe('reading and writing', () => {
  test('a file is written, described and read back', async () => {
    const path = `${root}/file`;
    await hdfs.create(path, bytes('hello world'), { permission: '640', blockSize: 1 << 20, replication: 1 });
    expect(await hdfs.status(path)).toMatchObject({
      path,
      name: 'file',
      type: 'FILE',
      length: 11,
      owner: 'root',
      permission: '640',
      replication: 1,
      blockSize: 1 << 20,
      acl: false,
    });
    expect(await text(path)).toBe('hello world');
  });

  test('a range is exactly the bytes that there are', async () => {
    const path = `${root}/range`;
    await hdfs.create(path, bytes('0123456789'));
    const range = async (offset: number, length: number) =>
      Buffer.from(await hdfs.read(path, offset, length)).toString();
    expect(await range(3, 4)).toBe('3456');
    expect(await range(7, 100)).toBe('789');
    expect(await range(5, 0)).toBe('');
    await expect(range(10, 1)).rejects.toMatchObject({ code: 'hdfs.invalid', details: { path, operation: 'OPEN' } });
    await expect(range(-1, 1)).rejects.toMatchObject({ code: 'hdfs.invalid' });
  });

  test('an empty file reads as no bytes', async () => {
    await hdfs.create(`${root}/empty`, new Uint8Array(0));
    expect(await text(`${root}/empty`)).toBe('');
  });

  test('a large file goes up and comes down in a stream', async () => {
    const path = `${root}/large`;
    await hdfs.create(path, numberedPieces());
    let length = 0;
    for await (const part of await hdfs.open(path)) {
      for (const [index, byte] of (part as Uint8Array).entries()) {
        if (byte !== Math.floor((length + index) / 100_001)) throw new Error(`wrong byte at ${length + index}`);
      }
      length += (part as Uint8Array).length;
    }
    expect(length).toBe(10_000_100);
    const tail: Buffer[] = [];
    for await (const part of await hdfs.open(path, { offset: 10_000_095, length: 3 })) tail.push(part as Buffer);
    expect(Buffer.concat(tail).toString('hex')).toBe('636363');
  });

  test('a stream that is left early frees its connection and the next call works', async () => {
    for await (const part of await hdfs.open(`${root}/large`)) {
      expect((part as Uint8Array).length).toBeGreaterThan(0);
      break;
    }
    expect((await hdfs.status(`${root}/large`)).length).toBe(10_000_100);
  });

  test('a caller may stop a stream', async () => {
    const stop = new AbortController();
    const stream = await hdfs.open(`${root}/large`, { signal: stop.signal });
    const drained = (async () => {
      for await (const part of stream) if ((part as Uint8Array).length > 0) stop.abort();
    })();
    await expect(drained).rejects.toMatchObject({ code: 'deadline.exceeded' });
  });

  test('an existing file is not replaced unless asked, whatever its size', async () => {
    const path = `${root}/once`;
    await hdfs.create(path, bytes('first'));
    await expect(hdfs.create(path, bytes('second'))).rejects.toMatchObject({ code: 'hdfs.exists' });
    await expect(hdfs.create(path, new Uint8Array(8 << 20))).rejects.toMatchObject({ code: 'hdfs.exists' });
    expect(await text(path)).toBe('first');
    await hdfs.create(path, bytes('third'), { overwrite: true });
    expect(await text(path)).toBe('third');
  });

  test('of ten that create the same file at once exactly one wins', async () => {
    const path = `${root}/lock`;
    const tries = Array.from({ length: 10 }, async (_, index) => hdfs.create(path, bytes(`winner ${index}`)));
    const results = await Promise.allSettled(tries);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    const losers = results.filter((result) => result.status === 'rejected');
    expect(losers).toHaveLength(9);
    for (const { reason } of losers) expect(reason).toMatchObject({ code: 'hdfs.exists' });
    expect(await text(path)).toBe(`winner ${winner}`);
  });

  test('a file that another writes is busy, and exists for those who want to create it', async () => {
    const path = `${root}/busy`;
    const gate = Promise.withResolvers<void>();
    async function* slow() {
      yield bytes('a');
      await gate.promise;
    }
    const writing = hdfs.create(path, slow());
    while ((await hdfs.statusIfExists(path)) === undefined) await sleep(20);
    await expect(hdfs.create(path, bytes('b'))).rejects.toMatchObject({ code: 'hdfs.exists' });
    await expect(hdfs.append(path, bytes('b'))).rejects.toMatchObject({ code: 'hdfs.busy' });
    await hdfs.create(path, bytes('taken over'), { overwrite: true });
    gate.resolve();
    await expect(writing).rejects.toMatchObject({ code: 'hdfs.busy' });
    expect(await text(path)).toBe('taken over');
  });

  test('an upload whose source breaks throws that error and leaves what had come, as if it were whole', async () => {
    const path = `${root}/_broken`;
    await expect(hdfs.create(path, brokenSource())).rejects.toThrow(new RangeError('the source broke'));
    while ((await hdfs.status(path)).length === 0) await sleep(20);
    expect((await hdfs.status(path)).length).toBeLessThanOrEqual(3 << 20);
  });

  test('append writes at the end of what is there', async () => {
    const path = `${root}/append`;
    await hdfs.create(path, bytes('one '));
    await hdfs.append(path, bytes('two'));
    expect(await text(path)).toBe('one two');
    await expect(hdfs.append(`${root}/none`, bytes('x'))).rejects.toMatchObject({ code: 'hdfs.not_found' });
  });
});

describe('names and directories', () => {
  test('what is not there is said to be not there', async () => {
    await expect(hdfs.status(`${root}/none`)).rejects.toMatchObject({
      code: 'hdfs.not_found',
      message: expect.stringContaining(`${root}/none`),
      details: { path: `${root}/none`, operation: 'GETFILESTATUS', exception: 'FileNotFoundException' },
    });
    expect(await hdfs.statusIfExists(`${root}/none`)).toBeUndefined();
    await expect(collect(hdfs.list(`${root}/none`))).rejects.toMatchObject({ code: 'hdfs.not_found' });
    await expect(hdfs.read(root, 0, 1)).rejects.toMatchObject({ code: 'hdfs.not_found' });
    expect(await hdfs.remove(`${root}/none`)).toBe(false);
  });

  test('a directory of several pages is listed whole and in order; a file lists itself', async () => {
    const names = Array.from({ length: 2_100 }, (_, index) => `d ${index}+%`);
    await Promise.all(names.map(async (name) => hdfs.mkdirs(`${root}/pages/${name}`)));
    const before = hdfs.calls;
    const entries = await collect(hdfs.list(`${root}/pages/`));
    expect(hdfs.calls - before).toBe(3);
    expect(entries.map(({ name }) => name)).toEqual(names.toSorted());
    expect(entries[0]).toMatchObject({ type: 'DIRECTORY', path: `${root}/pages/${entries[0]?.name}` });
    await hdfs.create(`${root}/alone`, bytes('x'));
    expect(await collect(hdfs.list(`${root}/alone`))).toEqual([await hdfs.status(`${root}/alone`)]);
    expect(await collect(hdfs.list(`${root}/pages/d 0+%`))).toEqual([]);
  });

  test('rename refuses or replaces, as it was told', async () => {
    const [a, b] = [`${root}/rename-a`, `${root}/rename-b`];
    await hdfs.create(a, bytes('a'));
    await hdfs.create(b, bytes('b'));
    const { fileId } = await hdfs.status(a);
    await expect(hdfs.rename(a, b, 'none')).rejects.toMatchObject({ code: 'hdfs.exists' });
    await hdfs.rename(a, b, 'overwrite');
    expect(await hdfs.statusIfExists(a)).toBeUndefined();
    expect(await text(b)).toBe('a');
    expect((await hdfs.status(b)).fileId).toBe(fileId);
    await hdfs.rename(b, `${root}/rename-c`, 'none');
    await expect(hdfs.rename(b, a, 'none')).rejects.toMatchObject({ code: 'hdfs.not_found' });
    await expect(hdfs.rename(`${root}/rename-c`, `${root}/nowhere/c`, 'overwrite')).rejects.toMatchObject({
      code: 'hdfs.not_found',
    });
  });

  test('concat joins in the order given, removes the sources, and changes nothing when it is refused', async () => {
    const directory = `${root}/concat`;
    const paths = ['base', 'one', 'two', 'three'].map((name) => `${directory}/${name}+ü 100%`);
    const [base = '', ...sources] = paths;
    for (const path of paths) await hdfs.create(path, bytes(`${path.slice(directory.length)};`));
    await expect(hdfs.concat(base, [...sources, `${directory}/none`])).rejects.toMatchObject({
      code: 'hdfs.not_found',
    });
    await expect(hdfs.concat(base, [base])).rejects.toMatchObject({ code: 'hdfs.invalid' });
    expect(await collect(hdfs.list(directory))).toHaveLength(4);
    await hdfs.concat(base, sources);
    expect(await text(base)).toBe(paths.map((path) => `${path.slice(directory.length)};`).join(''));
    expect((await collect(hdfs.list(directory))).map(({ path }) => path)).toEqual([base]);
    expect(await hdfs.blockLocations(base)).toEqual(
      paths.map((path, index) => ({
        offset: paths
          .slice(0, index)
          .reduce((sum, before) => sum + bytes(before).length - bytes(directory).length + 1, 0),
        length: bytes(path).length - bytes(directory).length + 1,
        corrupt: false,
      })),
    );
    await expect(hdfs.concat(base, [`${directory}/a,b`])).rejects.toMatchObject({ code: 'path.invalid' });
    const many = Array.from({ length: 3_000 }, (_, index) => `${directory}/part-${index}`);
    await expect(hdfs.concat(base, many)).rejects.toMatchObject({ code: 'limit.exceeded' });
  });

  test('the NameNode still reads the longest request that is sent', async () => {
    const name = (index: number) => `${root}/part-${String(index).padStart(200, '0')}`;
    const room = maxUrlBytes - 200;
    const sources = Array.from({ length: Math.floor(room / `${name(0)}%2C`.length) }, (_, index) => name(index));
    await hdfs.create(`${root}/long`, bytes('x'));
    await expect(hdfs.concat(`${root}/long`, sources)).rejects.toMatchObject({ code: 'hdfs.not_found' });
  });

  test.each([
    [414, 'x'.repeat(1 << 16), ''],
    [431, 'x', 'x'.repeat(1 << 16)],
  ])(
    'of a request that is longer the NameNode reads nothing (HTTP %i), and that is told',
    async (status, name, cookie) => {
      const url = `${lake().webhdfs}/webhdfs/v1${root}/long?op=CONCAT&sources=${root}/${name}`;
      const answer = await fetch(url, { method: 'POST', headers: { cookie } });
      expect(answer.status).toBe(status);
      const refusal = readRefusal(answer.status, await answer.text());
      expect(refusal).toMatchObject({ code: 'limit.exceeded', certain: true });
    },
  );

  test('small reads of one folder need one request each, whatever the names, and the rights of the reader count', async () => {
    const directory = `${root}/direct`;
    const names = ['a', 'b+ü 100%', 'c?&=;#', 'd'];
    for (const name of names) await hdfs.create(`${directory}/${name}`, bytes(`0123 ${name}`));
    await hdfs.create(`${directory}/secret`, bytes('secret'), { permission: '600' });
    const other = new WebHdfs({ addresses: [lake().webhdfs], user: 'somebody' });
    try {
      for (const [index, name] of names.entries()) {
        expect(Buffer.from(await other.read(`${directory}/${name}`, 5, 100, true)).toString()).toBe(name);
        expect(other.calls).toBe(index + 2);
      }
      await expect(other.read(`${directory}/secret`, 0, 1, true)).rejects.toMatchObject({ code: 'hdfs.access_denied' });
      await expect(other.read(`${directory}/none`, 0, 1, true)).rejects.toMatchObject({ code: 'hdfs.not_found' });
      await expect(other.read(`${directory}/a`, 99, 1, true)).rejects.toMatchObject({ code: 'hdfs.invalid' });
    } finally {
      other.close();
    }
  });

  test('concat keeps the blocks, and a file that is written anew has others', async () => {
    const directory = `${root}/blocks`;
    const paths = ['a', 'b'].map((name) => `${directory}/${name}`);
    for (const path of paths) await hdfs.create(path, bytes('same'));
    const before = await Promise.all(paths.map((path) => hdfs.blocks(path)));
    expect(new Set(before.flat().map(({ id }) => id)).size).toBe(2);
    await hdfs.concat(paths[0] as string, [paths[1] as string]);
    const [a, b] = before.flat();
    expect(await hdfs.blocks(paths[0] as string)).toEqual([a, { ...b, offset: 4 }]);
    await hdfs.create(paths[0] as string, bytes('same'), { overwrite: true });
    expect((await hdfs.blocks(paths[0] as string))[0]?.id).not.toBe(a?.id);
    await expect(hdfs.blocks(`${directory}/none`)).rejects.toMatchObject({ code: 'hdfs.not_found' });
  });

  test('a directory that is not empty is removed only when asked', async () => {
    await hdfs.create(`${root}/full/file`, bytes('x'));
    await expect(hdfs.remove(`${root}/full`)).rejects.toMatchObject({
      code: 'hdfs.invalid',
      details: { exception: 'PathIsNotEmptyDirectoryException' },
    });
    expect(await hdfs.remove(`${root}/full`, { recursive: true })).toBe(true);
  });

  test('a file in the place of a directory is named', async () => {
    await hdfs.create(`${root}/plain`, bytes('x'));
    await expect(hdfs.create(`${root}/plain/below`, bytes('x'))).rejects.toMatchObject({
      code: 'hdfs.invalid',
      details: { exception: 'ParentNotDirectoryException' },
    });
    await expect(hdfs.mkdirs(`${root}/plain`)).rejects.toMatchObject({ code: 'hdfs.exists' });
  });

  test('a file is open while it is written or appended to, also to one who may only read it', async () => {
    const path = `${root}/open`;
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    async function* slowly(gate: number): AsyncGenerator<Uint8Array> {
      yield bytes('x');
      await gates[gate]?.promise;
    }
    const reader = new WebHdfs({ addresses: [lake().webhdfs], user: 'reader' });
    const untilOpen = async (): Promise<void> => {
      while (!(await reader.isOpenForWrite(path).catch(() => false))) await sleep(20);
    };
    const writing = hdfs.create(path, slowly(0));
    await untilOpen();
    gates[0]?.resolve();
    await writing;
    expect(await reader.isOpenForWrite(path)).toBe(false);
    const appending = hdfs.append(path, slowly(1));
    await untilOpen();
    gates[1]?.resolve();
    await appending;
    expect(await reader.isOpenForWrite(path)).toBe(false);
    await expect(reader.isOpenForWrite(`${root}/none`)).rejects.toMatchObject({ code: 'hdfs.not_found' });
    reader.close();
  });

  test('sums and checksums', async () => {
    await hdfs.create(`${root}/sum/a`, bytes('12345'));
    await hdfs.create(`${root}/sum/b/c`, bytes('12345'));
    expect(await hdfs.contentSummary(`${root}/sum`)).toMatchObject({ length: 10, fileCount: 2, directoryCount: 2 });
    const checksum = await hdfs.checksum(`${root}/sum/a`);
    expect(checksum.algorithm).toMatch(/CRC32C$/);
    expect(await hdfs.checksum(`${root}/sum/b/c`)).toEqual(checksum);
  });
});
