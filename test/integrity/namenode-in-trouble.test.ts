import { describe, expect, test } from '@jest/globals';
import { statusOf } from '#functions/metastore-sync/run.ts';
import { type Story, useDisturbedSync } from '../support/disturbed-sync.ts';
import { condemn, type Fate } from '../support/tcp-proxy.ts';

const sync = useDisturbedSync();
const { proxies, lake } = sync;

describe('a NameNode that fails one call loses no partition and doubles none', () => {
  const calls: [Story, string, number][] = [
    ['fresh', 'op=LISTSTATUS_BATCH', 1],
    ['fresh', 'op=LISTSTATUS_BATCH', 5],
    ['fresh', 'op=OPEN', 3],
    ['fresh', 'op=GETFILESTATUS', 2],
    ['growing', 'op=LISTSTATUS_BATCH', 8],
    ['growing', 'op=OPEN', 4],
  ];
  const cases = calls.flatMap(([story, call, nth]) =>
    (['cut', 'mute'] as const).map((fate): [Story, string, Fate, number] => [story, call, fate, nth]),
  );

  test.each(cases)('%s topic, %s: %s at call %d', async (story, call, fate, nth) => {
    const topic = await sync.prepare(story);
    const sentence = condemn(call, fate, nth);
    proxies.namenode.judge = sentence.judge;
    await sync.expectRetryable(topic);
    expect(sentence.executed()).toBe(true);
    await sync.expectWhole(story, topic);
  });
});

test('a NameNode that is down fails the run so that it is repeated, and is named', async () => {
  const topic = await sync.prepare('growing');
  await proxies.namenode.down();
  await expect(sync.run(topic)).rejects.toMatchObject({
    disposition: 'retry',
    message: expect.stringContaining('HDFS'),
  });
  await proxies.namenode.up();
  await sync.expectWhole('growing', topic);
});

test('a NameNode that never answers fails the run within its deadlines, and is named', async () => {
  const topic = await sync.prepare('growing');
  proxies.namenode.judge = () => 'mute';
  await expect(sync.run(topic)).rejects.toMatchObject({
    code: 'deadline.exceeded',
    message: expect.stringContaining('HDFS'),
  });
  await sync.expectWhole('growing', topic);
});

test('a NameNode that fails for one topic fails the run for its sake, after the other topics were done', async () => {
  const topics = [await sync.prepare('growing'), await sync.prepare('growing'), await sync.prepare('growing')];
  const [, troubled = ''] = topics;
  // Pooled connections carry requests of several topics, so a request is dropped rather than a connection muted.
  proxies.namenode.judge = (bytes) => (bytes.includes(`/${troubled}/`) ? 'drop' : 'pass');
  await expect(sync.run(...topics)).rejects.toMatchObject({
    disposition: 'retry',
    message: expect.stringContaining(`the topic ${troubled} failed`),
    details: expect.objectContaining({ topic: troubled }),
  });
  for (const topic of topics.filter((name) => name !== troubled))
    expect(statusOf(await lake.apply({ kind: 'full', topics: [topic] }))).toBe('nothing');
  await sync.expectWhole('growing', troubled);
});

test('a topic that vanished from HDFS loses no partition in the metastore', async () => {
  const topic = await sync.prepare('fresh');
  await sync.expectWhole('fresh', topic);
  const { hdfs } = lake.clients;
  await hdfs.rename(`${lake.root}/${topic}`, `${lake.root}/.${topic}`, 'none');
  const outcome = await lake.apply({ kind: 'full', topics: [topic] });
  expect(outcome.problems).toMatchObject([{ code: 'topic.failed', topic }]);
  await hdfs.rename(`${lake.root}/.${topic}`, `${lake.root}/${topic}`, 'none');
  await sync.expectWhole('fresh', topic);
});
