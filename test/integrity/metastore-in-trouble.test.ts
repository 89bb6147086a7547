import { describe, expect, test } from '@jest/globals';
import { type Story, useDisturbedSync } from '../support/disturbed-sync.ts';
import { condemn, type Fate } from '../support/tcp-proxy.ts';

const sync = useDisturbedSync();
const { proxies } = sync;

describe('a metastore that fails one call loses no partition and doubles none', () => {
  const writes: [Story, string, number][] = [
    ['fresh', 'create_table_with_environment_context', 1],
    ['fresh', 'add_partitions_req', 1],
    ['fresh', 'add_partitions_req', 2],
    ['fresh', 'alter_table_with_environment_context', 1],
    ['growing', 'alter_table_with_environment_context', 1],
    ['growing', 'add_partitions_req', 1],
    ['growing', 'alter_partitions_with_environment_context', 1],
    ['growing', 'alter_partitions_with_environment_context', 2],
  ];
  const reads: [Story, string, number][] = [
    ['fresh', 'set_ugi', 1],
    ['fresh', 'get_table_req', 1],
    ['fresh', 'get_table_req', 2],
    ['growing', 'get_partition_names', 1],
    ['growing', 'get_partitions_by_names', 1],
  ];
  const withFates = (calls: [Story, string, number][], fates: Fate[]): [Story, string, Fate, number][] =>
    calls.flatMap(([story, call, nth]) => fates.map((fate): [Story, string, Fate, number] => [story, call, fate, nth]));

  test.each([...withFates(writes, ['drop', 'cut']), ...withFates(reads, ['cut', 'mute'])])(
    '%s topic, %s: %s at call %d',
    async (story, call, fate, nth) => {
      const topic = await sync.prepare(story);
      const sentence = condemn(call, fate, nth);
      proxies.metastore.judge = sentence.judge;
      await sync.expectRetryable(topic);
      expect(sentence.executed()).toBe(true);
      await sync.expectWhole(story, topic);
    },
  );
});

test.each<[Story, string]>([
  ['fresh', 'create_table_with_environment_context'],
  ['fresh', 'add_partitions_req'],
  ['growing', 'alter_table_with_environment_context'],
  ['growing', 'alter_partitions_with_environment_context'],
])('a write that arrives after its run was given up and repeated does no harm: %s topic, %s', async (story, call) => {
  const topic = await sync.prepare(story);
  proxies.metastore.judge = condemn(call, 'hold').judge;
  await expect(sync.run(topic)).rejects.toMatchObject({ disposition: 'retry' });
  await sync.expectWhole(story, topic);
  await proxies.metastore.release();
  await sync.expectWhole(story, topic);
});

test('a metastore that is down fails the run so that it is repeated, and is named', async () => {
  const topic = await sync.prepare('growing');
  await proxies.metastore.down();
  await expect(sync.run(topic)).rejects.toMatchObject({
    code: 'metastore.unavailable',
    disposition: 'retry',
    message: expect.stringContaining(`127.0.0.1:${proxies.metastore.port}`),
  });
  await proxies.metastore.up();
  await sync.expectWhole('growing', topic);
});

test('a metastore that never answers fails the run within its deadlines, and is named', async () => {
  const topic = await sync.prepare('growing');
  proxies.metastore.judge = () => 'mute';
  await expect(sync.run(topic)).rejects.toMatchObject({
    code: 'deadline.exceeded',
    message: expect.stringContaining('metastore'),
  });
  await sync.expectWhole('growing', topic);
});

test('a metastore that goes away for good between look and write leaves nothing that the next run does not complete', async () => {
  const topic = await sync.prepare('growing');
  proxies.metastore.judge = (bytes) => {
    if (!bytes.includes('alter_partitions')) return 'pass';
    proxies.metastore.judge = () => 'drop';
    return 'drop';
  };
  await expect(sync.run(topic)).rejects.toMatchObject({ disposition: 'retry' });
  await sync.expectWhole('growing', topic);
});
