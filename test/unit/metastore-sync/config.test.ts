import { expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import { topicSettings } from '#functions/metastore-sync/topics.ts';

const read = (more: Record<string, unknown>): ReturnType<typeof settingsSchema.parse> =>
  settingsSchema.parse({
    hdfs: { addresses: ['http://127.0.0.1:9870'], defaultFs: 'hdfs://lake:8020/' },
    metastore: { uris: ['thrift://127.0.0.1:9083'] },
    ...more,
  });

test.each(['/golden', '/golden/', '//golden', '/golden//'])('slashes do not matter in the root %s', (root) => {
  const settings = read({ root });
  expect([settings.root, settings.hdfs.defaultFs]).toEqual(['/golden', 'hdfs://lake:8020']);
  expect(topicSettings(settings, 'orders').location).toBe('/golden/orders');
});

test('the root of the file system may hold the topics', () => {
  expect(topicSettings(read({ root: '/' }), 'orders').location).toBe('/orders');
});

test('databases have no case in Hive, and so none here: two spellings of one are seen to be one', () => {
  const settings = read({ database: 'Raw', topics: { a: { database: 'RAW' } } });
  expect(['a', 'b'].map((topic) => topicSettings(settings, topic).database)).toEqual(['raw', 'raw']);
});

test.each([[{ defaultFs: 'hdfs://' }], [{ defaultFs: 'hdfs://lake/golden' }], [{ user: '' }]])(
  '%j is refused',
  (hdfs) => {
    expect(() => read({ hdfs: { addresses: ['http://127.0.0.1:9870'], defaultFs: 'hdfs://lake', ...hdfs } })).toThrow();
  },
);
