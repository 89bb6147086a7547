import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from '@jest/globals';
import { headers } from '../support/dead-letters.ts';
import { startJavaProgram } from '../support/java-program.ts';
import { allJson, understandLetters } from '../support/understood-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();

/** Malformed values by what is wrong with them: the class of the verdict, and values that are one group. */
const malformed: readonly (readonly [string, ...(string | Buffer)[]])[] = [
  ['undecodable.truncated', '{"id": 1, "url": "/a', '{"id": 23456, "url": "/b/c?d=e'],
  ['undecodable.truncated', ''],
  ['undecodable.json', '{"id": abc}', '{"id": defghi, "url": 1}'],
  ['undecodable.trailing', '{"id": 5} {"id": 6}', '{"id": 7}}'],
  ['undecodable.utf8', Buffer.from('7b226964223a22fffe41227d', 'hex')],
  ['undecodable.format', gzipSync('{"id": 8}'), gzipSync('{"id": 9, "url": "/"}')],
  ['undecodable.format', Buffer.from('4f626a0104146176726f', 'hex')],
  ['unknown', '{"url": "/"}', '{"id": "10"}'],
];
const good = ['{"id": 11}', '{"id": 12, "url": "/ü"}'];
const values = [...malformed.flatMap(([, ...all]) => all), ...good].map((value) => Buffer.from(value));
const written = values.map((value, index) => ({
  partition: 0,
  timestamp: 1_700_000_000_000n + BigInt(index),
  key: Buffer.from([index]),
  value,
  headers: headers(['trace', 'a']),
}));

let raw: string;
let dlq: string;
beforeAll(async () => {
  raw = await kafka.create();
  dlq = await kafka.create();
  const processed = await kafka.create();
  await kafka.java.write(raw, 'gzip', written);
  const job = await startJavaProgram('flink', 'FlinkJob.java', [kafka.broker, raw, processed, dlq]);
  await job.end();
  expect((await kafka.java.read(processed)).map(({ value }) => String(value))).toEqual(good);
});

test('letters of a Flink job, which have nothing but their bytes, are told apart by these', async () => {
  const count = values.length - good.length;
  const letters = await understandLetters(kafka.link, dlq, count, allJson);
  expect(letters.map(({ letter: { record, hops } }) => ({ ...record, hops }))).toEqual(
    written.slice(0, count).map(({ timestamp, value }, index) => ({
      topic: dlq,
      partition: 0,
      offset: BigInt(index),
      timestamp,
      timestampType: 'create',
      key: null,
      value,
      headers: [],
      hops: [],
    })),
  );
  let at = 0;
  const ids = malformed.map(([verdict, ...same]) => {
    const own = letters.slice(at, (at += same.length));
    expect(own.map((one) => one.verdict.class)).toEqual(same.map(() => verdict));
    return own.map(({ fingerprint }) => fingerprint.id);
  });
  expect(ids.map((same) => new Set(same).size)).toEqual(ids.map(() => 1));
  expect(new Set(ids.flat()).size).toBe(malformed.length);
});

test('where the job is declared, they tell of it', async () => {
  const sources = [{ topic: 'test-*', producer: 'flink', component: 'clicks-job', origin: raw }];
  const known = { ...allJson, sources };
  for (const { letter, fingerprint } of await understandLetters(kafka.link, dlq, values.length - good.length, known)) {
    expect(letter.hops).toMatchObject([{ family: 'flink', component: 'clicks-job', origin: { topic: raw } }]);
    expect(fingerprint).toMatchObject({ family: 'flink', component: 'clicks-job', basis: 'payload' });
  }
});
