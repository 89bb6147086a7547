import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Settings, settingsSchema } from '#functions/metastore-sync/config.ts';
import { readDoorbell } from '#functions/metastore-sync/doorbell.ts';

const settings = (more: Record<string, unknown> = {}): Settings =>
  settingsSchema.parse({
    hdfs: { addresses: ['http://127.0.0.1:9870'], defaultFs: 'hdfs://lake:8020', aliases: ['hdfs://nameservice1'] },
    metastore: { uris: ['thrift://127.0.0.1:9083'] },
    ...more,
  });
const example = (type: string): { type: string; data: unknown } =>
  JSON.parse(readFileSync(`events/examples/${type}.json`, 'utf8')) as { type: string; data: unknown };
const azure = { objectStores: [{ bucket: 'golden', prefix: '', path: '/golden' }] };

describe('the examples in events/', () => {
  const hour = '/golden/clicks/2019/09/01/01';
  test.each([
    ['dev.lakewarden.file.closed', {}, `${hour}/datafoo.snappy.parquet`],
    ['com.amazonaws.s3.ObjectCreated.Put', {}, `${hour}/clicks+0+0000000000+0000000099.snappy.parquet`],
    ['google.cloud.storage.object.v1.finalized', {}, `${hour}/datafoo.snappy.parquet`],
    ['Microsoft.Storage.BlobCreated', azure, `${hour}/datafoo.snappy.parquet`],
  ])('%s names a golden path', (type, more, path) => {
    expect(readDoorbell(example(type), settings(more)).scope).toEqual({ kind: 'paths', paths: [path] });
  });

  test('a PingSource names topics', () => {
    expect(readDoorbell(example('dev.knative.sources.ping'), settings()).scope).toEqual({
      kind: 'recent',
      topics: ['clicks'],
      partitions: undefined,
    });
  });

  test('what we send to ourselves is understood', () => {
    expect(readDoorbell(example('dev.lakewarden.metastore-sync.resumed'), settings()).scope).toEqual({
      kind: 'full',
      topics: ['orders', 'payments'],
    });
    const paths = { type: 'dev.lakewarden.metastore-sync.resumed', data: { paths: ['/golden/a/2019/09/01/01/x'] } };
    expect(readDoorbell(paths, settings()).scope).toEqual({ kind: 'paths', paths: paths.data.paths });
  });
});

test('a PingSource without data asks for the newest partitions of every topic', () => {
  expect(readDoorbell({ type: 'dev.knative.sources.ping', data: undefined }, settings())).toEqual({
    scope: { kind: 'recent', topics: undefined, partitions: undefined },
    dryRun: false,
    problems: [],
  });
});

test('an unknown option of a PingSource is named, not swallowed', () => {
  const { problems } = readDoorbell({ type: 'dev.knative.sources.ping', data: { zone: 'golden' } }, settings());
  expect(problems).toEqual([{ code: 'event.option', message: expect.stringContaining('data.zone') }]);
});

test('names of one file system are one', () => {
  const paths = [
    'hdfs://lake:8020/golden/a/x',
    'hdfs://nameservice1/golden/a/x',
    'hdfs://lake/golden//a/x',
    '/golden/a/x',
  ];
  expect(readDoorbell({ type: 'dev.lakewarden.file.closed', data: { paths } }, settings()).scope).toEqual({
    kind: 'paths',
    paths: ['/golden/a/x'],
  });
});

test('a path that is not of this lake does not keep the others out', () => {
  const paths = ['/golden/a/x', '/elsewhere/x', '/golden/../x'];
  expect(readDoorbell({ type: 'dev.lakewarden.file.closed', data: { paths } }, settings())).toEqual({
    scope: { kind: 'paths', paths: ['/golden/a/x'] },
    dryRun: false,
    problems: [
      { code: 'path.outside', message: expect.stringContaining('/elsewhere/x') },
      { code: 'path.outside', message: expect.stringContaining('/golden/../x') },
    ],
  });
});

test('a plus in an object key is encoded by S3, and stands for itself elsewhere', () => {
  const path = '/golden/clicks/2019/09/01/01/clicks+0+1+2.parquet';
  const events = [
    {
      type: 'com.amazonaws.s3.ObjectCreated:Put',
      data: { s3: { bucket: { name: 'lake' }, object: { key: path.slice(1).replaceAll('+', '%2B') } } },
    },
    { type: 'google.cloud.storage.object.v1.finalized', data: { bucket: 'lake', name: path.slice(1) } },
    { type: 'Microsoft.Storage.BlobCreated', data: { url: `https://account.blob.core.windows.net/lake${path}` } },
    { type: 'dev.lakewarden.file.closed', data: { path } },
    { type: 'dev.lakewarden.file.closed', data: { path: `hdfs://nameservice1${path}` } },
  ];
  const stores = { objectStores: [{ bucket: 'lake', prefix: '', path: '/' }] };
  for (const event of events)
    expect(readDoorbell(event, settings(stores)).scope).toEqual({ kind: 'paths', paths: [path] });
});

test('the longest prefix of a bucket wins', () => {
  const objectStores = [
    { bucket: 'lake', prefix: '', path: '/golden' },
    { bucket: 'lake', prefix: 'eu/', path: '/golden/eu-' },
  ];
  const at = (key: string): unknown =>
    readDoorbell(
      { type: 'google.cloud.storage.object.v1.finalized', data: { bucket: 'lake', name: key } },
      settings({ objectStores }),
    ).scope;
  expect(at('eu/x')).toEqual({ kind: 'paths', paths: ['/golden/eu-/x'] });
  expect(at('clicks/x')).toEqual({ kind: 'paths', paths: ['/golden/clicks/x'] });
});

describe('hostile events are refused with the reason', () => {
  const closed =
    (data: unknown): (() => unknown) =>
    () =>
      readDoorbell({ type: 'dev.lakewarden.file.closed', data }, settings());
  test.each([
    ['no path', {}, 'event.invalid'],
    ['a path that is a number', { path: 7 }, 'event.invalid'],
    ['no object', 'golden', 'event.invalid'],
    ['..', { path: '/golden/clicks/../../etc/passwd' }, 'path.invalid'],
    ['a relative path', { path: 'golden/clicks' }, 'path.invalid'],
    ['another file system', { path: 'hdfs://elsewhere:8020/golden/x' }, 'path.outside_root'],
    ['a NUL', { path: '/golden/a\u0000b' }, 'path.invalid'],
    ['too many paths', { paths: Array.from({ length: 10_001 }, (_, index) => `/golden/a/${index}`) }, 'event.invalid'],
  ])('%s', (_, data, code) => {
    expect(closed(data)).toThrow(expect.objectContaining({ code }));
  });

  test('an unknown type', () => {
    expect(() => readDoorbell({ type: 'com.example.other', data: {} }, settings())).toThrow(
      expect.objectContaining({ code: 'event.unsupported' }),
    );
  });

  test('a bucket that nobody mapped', () => {
    const event = { type: 'google.cloud.storage.object.v1.finalized', data: { bucket: 'other', name: 'x' } };
    expect(() => readDoorbell(event, settings(azure))).toThrow(expect.objectContaining({ code: 'path.outside_root' }));
  });

  test('an object key that is not encoded rightly', () => {
    const event = {
      type: 'com.amazonaws.s3.ObjectCreated:Put',
      data: { s3: { bucket: { name: 'lake' }, object: { key: 'golden/%zz' } } },
    };
    expect(() => readDoorbell(event, settings())).toThrow(expect.objectContaining({ code: 'event.invalid' }));
  });

  test('an option of the wrong type', () => {
    expect(() => readDoorbell({ type: 'dev.knative.sources.ping', data: { topics: 'clicks' } }, settings())).toThrow(
      expect.objectContaining({ code: 'event.invalid', message: expect.stringContaining('data.topics') }),
    );
  });
});
