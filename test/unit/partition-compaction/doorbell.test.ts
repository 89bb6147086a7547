import { describe, expect, test } from '@jest/globals';
import { settingsSchema, topicSettings } from '#functions/partition-compaction/config.ts';
import { readDoorbell } from '#functions/partition-compaction/doorbell.ts';

const settings = settingsSchema.parse({
  minFiles: 7,
  topics: { clicks: { minFiles: 2, templates: ['dt={dt}'] } },
  hdfs: { addresses: ['http://namenode:9870'], defaultFs: 'hdfs://namenode:8020' },
});
const read = (type: string, data: unknown) => readDoorbell({ type, data }, settings);

describe('what an event asks for', () => {
  test('cron: the newest partitions, or what its data says', () => {
    expect(read('dev.knative.sources.ping', undefined)).toEqual({
      scope: { kind: 'recent', topics: undefined, partitions: undefined },
      dryRun: false,
      problems: [],
    });
    expect(
      read('dev.knative.sources.ping', { scope: 'full', topics: ['a'], dryRun: true, color: 'red' }),
    ).toMatchObject({
      scope: { kind: 'full', topics: ['a'] },
      dryRun: true,
      problems: [{ code: 'event.option' }],
    });
  });

  test('new partitions: the newest ones of their topic', () => {
    for (const type of ['dev.lakewarden.partitions.added', 'dev.lakewarden.partitions.changed'])
      expect(read(type, { topic: 'clicks', table: 'default.clicks', partitions: [] }).scope).toEqual({
        kind: 'recent',
        topics: ['clicks'],
      });
  });

  test('a request: these partitions, each once; those of another lake are named', () => {
    const paths = ['/golden/clicks/dt=1', 'hdfs://namenode/golden/clicks/dt=1', 'hdfs://other/golden/x', '/tmp/x'];
    expect(read('dev.lakewarden.compaction.requested', { paths })).toMatchObject({
      scope: { kind: 'paths', paths: ['/golden/clicks/dt=1'] },
      problems: [{ code: 'path.outside' }, { code: 'path.outside' }],
    });
  });

  test.each<[string, unknown, string]>([
    ['dev.lakewarden.compaction.requested', { paths: [] }, 'event.invalid'],
    ['dev.lakewarden.compaction.requested', undefined, 'event.invalid'],
    ['dev.lakewarden.compaction.requested', { paths: ['/tmp'] }, 'path.outside_root'],
    ['dev.lakewarden.compaction.requested', { paths: ['/golden/../etc'] }, 'path.invalid'],
    ['dev.lakewarden.partitions.added', { topic: '' }, 'event.invalid'],
    ['dev.knative.sources.ping', { scope: 'all' }, 'event.invalid'],
    ['dev.lakewarden.partition.compacted', {}, 'event.unsupported'],
  ])('%s with %j is refused', (type, data, code) => {
    expect(() => read(type, data)).toThrow(expect.objectContaining({ code }));
  });
});

test('a topic has its own rules over the general ones', () => {
  const clicks = topicSettings(settings, 'clicks');
  expect(clicks.policy).toMatchObject({ minFiles: 2, quietSeconds: 3_600, maxFiles: 1_000 });
  expect(clicks.templates.map(({ text }) => text)).toEqual(['dt={dt}']);
  expect(topicSettings(settings, 'views').policy.minFiles).toBe(7);
});
