import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { kafkaSettings, readKafkaOptions } from '#shared/kafka/kafka-settings.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { collect } from '../support/collect.ts';
import { KafkaTopics } from '../support/kafka-topics.ts';
import { lake } from '../support/lake.ts';
import { startOwnLake } from '../support/own-lake.ts';

const shared = lake();
// A lake that runs for long may be older than its listeners.
const own = shared.kafkaMutual === undefined ? await startOwnLake(['kafka']) : undefined;
const { kafka: broker = '', kafkaSecure = '', kafkaMutual = '', kafkaCa = '', ...files } = own?.addresses ?? shared;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-kafka-'));
const topic = `security-${process.pid}`;
const topics = new KafkaTopics(broker);
await topics.create(topic, 1);
afterAll(async () => {
  await topics.delete(topic);
  await topics.close();
  await own?.stop();
  rmSync(folder, { recursive: true });
});

const file = (name: string, text = ''): string => {
  const path = join(folder, name);
  if (text !== '') writeFileSync(path, text);
  return path;
};
/** A token that nobody signed, as the broker takes it. */
const token = (user: string, seconds = 3_600): string => {
  const now = Math.floor(Date.now() / 1_000);
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: user, iat: now, exp: now + seconds })}.`;
};
const secure = { brokers: [kafkaSecure], tls: true, caFile: kafkaCa, deadlineSeconds: 5 };
const reader = { username: 'reader', passwordFile: files.kafkaPassword };
const mutual = { ...secure, brokers: [kafkaMutual] };

async function withLink<Result>(settings: object, work: (link: KafkaLink) => Promise<Result>): Promise<Result> {
  const link = new KafkaLink(readKafkaOptions(kafkaSettings.parse(settings)));
  try {
    return await work(link);
  } finally {
    await link.close();
  }
}
const describeTopic = (link: KafkaLink): Promise<unknown> => new TopicAdmin(link).describe(topic);

/** Writes a record with our clients and reads it: over all kinds of connections. */
const writeAndRead = (settings: object, value: string): Promise<string | undefined> =>
  withLink(settings, async (link) => {
    const writer = new TransactionalWriter(link, `security-${value}`);
    await writer.begin();
    const positions = await writer.committedPositions(topic, topic, [0]);
    const record = {
      topic,
      partition: 0,
      timestamp: BigInt(Date.now()),
      key: null,
      value: Buffer.from(value),
      headers: [],
    };
    await writer.send([record]);
    await writer.commitPositions(topic, [{ topic, partition: 0, next: (positions.get(0) ?? 0n) + 1n }]);
    await writer.commit();
    await writer.close();
    await topics.settle(topic, 0);
    const pieces = await collect(new RecordReader(link).read(topic, 0, 0n));
    return String(pieces.flatMap(({ records }) => records).at(-1)?.value);
  });

describe('we write and read', () => {
  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('by %s, with the password from a file', async (mechanism) => {
    expect(await writeAndRead({ ...secure, mechanism, ...reader }, mechanism)).toBe(mechanism);
  });

  test('by OAUTHBEARER, with a token from a file that is read again when the session ends', async () => {
    const tokenFile = file('token', token('reader'));
    const settings = { ...secure, mechanism: 'OAUTHBEARER', tokenFile };
    expect(await writeAndRead(settings, 'token')).toBe('token');
    // Sessions last two seconds here.
    await withLink(settings, async (link) => {
      for (let call = 0; call < 30; call += 1) {
        expect(await describeTopic(link)).toMatchObject({ partitions: 1 });
        await sleep(100);
      }
    });
  });

  test('by a certificate of ours', async () => {
    const key = ['pkcs12', '-in', files.kafkaStore ?? '', '-passin', 'pass:changeit', '-nodes', '-nocerts'];
    execFileSync('openssl', [...key, '-out', file('own.key')], { stdio: 'ignore' });
    const settings = { ...mutual, certFile: kafkaCa, keyFile: file('own.key') };
    expect(await writeAndRead(settings, 'certificate')).toBe('certificate');
  });

  test('with the rights of a writer, and none to act on the cluster', async () => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker] });
    // Who is named makes the cluster closed to all others.
    const named = { resourceType: 4, resourceName: 'kafka-cluster', resourcePatternType: 3 } as const;
    const rule = { ...named, principal: 'User:somebody', host: '*', operation: 9, permissionType: 3 } as const;
    await admin.createAcls({ creations: [rule] });
    try {
      expect(await writeAndRead({ ...secure, mechanism: 'PLAIN', ...reader }, 'rights')).toBe('rights');
    } finally {
      await admin.deleteAcls({ filters: [rule] });
      await admin.close();
    }
  });
});

describe('we are kept out, and told why without the secret,', () => {
  const refused = async (settings: object): Promise<Error & { code?: string }> => {
    const error = await withLink(settings, describeTopic).then(
      () => new Error('let in'),
      (thrown: Error) => thrown,
    );
    expect(error.message).not.toContain(readFileSync(files.kafkaPassword ?? '', 'utf8'));
    return error;
  };

  test('with a wrong password, or a token that is too old or none', async () => {
    const passwordFile = file('password', 'a wrong secret');
    const tokens = [file('old', token('reader', -60)), file('none', 'no token at all')];
    const errors = await Promise.all([
      ...['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) =>
        refused({ ...secure, mechanism, username: 'reader', passwordFile }),
      ),
      ...tokens.map((tokenFile) => refused({ ...secure, mechanism: 'OAUTHBEARER', tokenFile })),
    ]);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'kafka.unauthenticated' });
      for (const path of [passwordFile, ...tokens]) expect(error.message).not.toContain(readFileSync(path, 'utf8'));
    }
  });

  test('without a certificate, or with one that the broker does not know', async () => {
    const create = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    const [certFile, keyFile] = [file('strange.pem'), file('strange.key')];
    execFileSync('openssl', [...create, '-subj', '/CN=stranger', '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    });
    for (const error of await Promise.all([mutual, { ...mutual, certFile, keyFile }].map(refused)))
      expect(error).toMatchObject({
        code: 'kafka.unavailable',
        message: expect.stringMatching(/certificate|closed|reset|timed out/i),
      });
  });

  test('where the broker has a certificate for another name, or of an unknown CA', async () => {
    const other = kafkaSecure.replace('127.0.0.1', 'localhost');
    const plain = { mechanism: 'PLAIN', ...reader };
    expect((await refused({ ...secure, ...plain, brokers: [other] })).message).toMatch(/altnames/);
    expect((await refused({ ...secure, ...plain, caFile: undefined })).message).toMatch(/self-signed certificate/);
  });

  test('where a file of ours is gone', async () => {
    const gone = { code: 'kafka.unauthenticated', message: expect.stringContaining('/nowhere') };
    expect(await refused({ ...secure, mechanism: 'PLAIN', ...reader, passwordFile: '/nowhere' })).toMatchObject(gone);
    expect(await refused({ ...secure, caFile: '/nowhere' })).toMatchObject(gone);
  });
});
