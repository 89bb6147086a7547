import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assert, asyncProperty, property, string } from 'fast-check';
import { encodePath } from '#shared/hdfs/path.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { collect } from '../support/collect.ts';
import { lake } from '../support/lake.ts';

const root = `/contract/hdfs-names-${process.pid}`;
let hdfs: WebHdfs;

beforeAll(() => {
  hdfs = new WebHdfs({ addresses: [lake().webhdfs], user: 'root' });
});
afterAll(async () => {
  await hdfs.remove(root, { recursive: true });
  hdfs.close();
});

/** Every way in which a name goes through the NameNode and the DataNode, there and back. */
async function roundTrip(name: string): Promise<void> {
  const [path, other] = [`${root}/${name}/${name}`, `${root}/${name}/x${name}`];
  const content = Buffer.from(name);
  await hdfs.create(path, content, { overwrite: true });
  expect((await hdfs.status(path)).path).toBe(path);
  expect((await collect(hdfs.list(`${root}/${name}`))).map((entry) => entry.name)).toEqual([name]);
  expect(Buffer.from(await hdfs.read(path, 0, 1_000))).toEqual(content);
  await hdfs.append(path, content);
  await hdfs.checksum(path);
  await hdfs.setXattr(path, `user.${name.replaceAll(/[^ -~]/g, '_')}`, content);
  await hdfs.rename(path, other, 'none');
  await hdfs.create(path, content);
  if (!path.includes(',')) {
    await hdfs.concat(other, [path]);
    expect((await hdfs.status(other)).length).toBe(3 * content.length);
    expect(await hdfs.statusIfExists(path)).toBeUndefined();
  }
  expect(await hdfs.remove(`${root}/${name}`, { recursive: true })).toBe(true);
}

test.each([
  'topic+0+0000000000+0000000001.snappy.parquet',
  'a b',
  '100%',
  '%41%2F%zz',
  'q?x#y',
  'a;b=c&d',
  `'single' "double"`,
  'back\\slash',
  '[{<|^`>}]',
  'comma,name',
  'tab\tline\nend',
  '日本 ü 😀',
  'a\u0301 and \u00e1',
  '\u{2f801}& ',
  'ts=2020-01-01 12%3A00%3A00',
])('the name %j survives', roundTrip);

test('any name survives', async () => {
  const name = string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(
    (text) => text.isWellFormed() && !/^\.\.?$|[/:\0]/.test(text) && Buffer.byteLength(text) < 200,
  );
  await assert(asyncProperty(name, roundTrip), { numRuns: 30 });
});

test('the encoding is undone by decoding, and a colon is refused before it is sent', async () => {
  assert(property(string({ unit: 'grapheme' }), (text) => decodeURIComponent(encodePath(text)) === text));
  const calls = hdfs.calls;
  await expect(hdfs.status(`${root}/12:00`)).rejects.toMatchObject({ code: 'path.invalid' });
  expect(hdfs.calls).toBe(calls);
});
