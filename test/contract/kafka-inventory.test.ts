import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { kafkaSettings } from '#functions/compliance-scan/inventory/kafka/settings.ts';
import type { KafkaSource } from '#functions/compliance-scan/inventory/kafka/kafka-source.ts';
import { openKafka } from '#functions/compliance-scan/inventory/kafka/open-kafka.ts';
import { kafkaRules } from '#functions/compliance-scan/rules/kafka/kafka-rules.ts';
import { ClusterAdmin } from '#shared/kafka/cluster-admin.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { readKafkaOptions } from '#shared/kafka/kafka-settings.ts';
import { KafkaTopics } from '../support/kafka-topics.ts';
import { lake } from '../support/lake.ts';
import { listAll, scan, statuses } from '../support/scans.ts';

const { kafka: broker = '', kafkaSecure = '', kafkaCa, kafkaPassword } = lake();
const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker] });
const topics = new KafkaTopics(broker);
const prefix = `scan-${randomUUID()}-`;
const signal = AbortSignal.timeout(120_000);

const plain = { brokers: [broker] };
/** Nobody special, whom access rules bind. */
const asReader = {
  brokers: [kafkaSecure],
  tls: true,
  caFile: kafkaCa,
  mechanism: 'PLAIN',
  username: 'reader',
  passwordFile: kafkaPassword,
};
const sources: KafkaSource[] = [];
const source = (connection: object = plain, more: object = {}): KafkaSource => {
  sources.push(openKafka(kafkaSettings.parse({ name: 'lake', connection, ...more })) as KafkaSource);
  return sources.at(-1) as KafkaSource;
};

type Acl = Parameters<typeof admin.createAcls>[0]['creations'][number];
const [literal, prefixed, all] = [3, 4, 2] as const;
const [read, write, deny, allow] = [3, 4, 2, 3] as const;
const acl = (name: string, more: Partial<Acl> = {}): Acl => ({
  resourceType: 2,
  resourceName: `${prefix}${name}`,
  resourcePatternType: literal,
  principal: 'User:*',
  host: '*',
  operation: read,
  permissionType: allow,
  ...more,
});
const acls: Acl[] = [
  acl('closed'),
  acl('closed', { operation: all, permissionType: deny }),
  acl('raw', { resourcePatternType: prefixed }),
  acl('host', { host: '10.0.0.9', operation: write }),
  acl('person', { principal: 'User:ann@example.org', operation: write }),
  acl('gone', { principal: 'User:app' }),
  acl('app', { principal: 'User:app', host: '10.0.0.1', operation: write }),
];

const names = ['closed', 'raw-secret', 'host', 'person', 'app', 'ruleless'];

beforeAll(async () => {
  for (const name of names)
    await topics.create(`${prefix}${name}`, 1, name === 'app' ? { 'unclean.leader.election.enable': 'true' } : {});
  // Makes the brokers keep a topic of their own.
  await topics.transact(`${prefix}app`, [[0, 1]], 'commit');
  await admin.createAcls({ creations: acls });
});
afterAll(async () => {
  await admin.deleteAcls({ filters: acls });
  await admin.close();
  await Promise.all(sources.map((each) => each.close()));
  await topics.delete(...names.map((name) => prefix + name));
  await topics.close();
});

describe('rules judge a real cluster', () => {
  test('topics by all access rules that speak of them', async () => {
    const { verdicts, incomplete } = await scan([source(plain, { allowsEveryone: true })], kafkaRules, signal);
    expect(incomplete).toEqual([]);
    const of = (rule: string) => statuses(verdicts, rule, prefix);
    expect(of('kafka-no-topic-for-everybody')).toEqual({
      app: 'pass',
      closed: 'pass',
      host: 'fail medium',
      person: 'pass',
      'raw-secret': 'fail high',
      ruleless: 'pass',
    });
    expect(of('kafka-topic-has-access-rules')).toMatchObject({
      closed: 'pass',
      'raw-secret': 'pass',
      ruleless: 'fail critical',
    });
    expect(of('kafka-no-people-write')).toMatchObject({ app: 'pass', person: 'fail medium' });
    expect(of('kafka-no-unclean-election')).toMatchObject({ app: 'fail medium', closed: 'pass' });
    expect(of('kafka-topic-replicated')).toMatchObject({ app: 'fail high' });
    const internal = verdicts.filter(({ rule }) => rule === 'kafka-internal-topic-replicated');
    expect(internal.map(({ resource, status }) => `${resource.name} ${status}`)).toContain('__transaction_state fail');
    const stale = verdicts.filter(({ rule, status }) => rule === 'kafka-no-rule-without-topic' && status === 'fail');
    expect(stale.map(({ reason }) => reason)).toContain(
      `there is no topic ${prefix}gone, but a rule gives it to User:app`,
    );
  });

  test('what the brokers hide is unknown, and what the settings state is known', async () => {
    const hidden = await scan([source()], kafkaRules, signal);
    const stated = await scan(
      [source(plain, { allowsEveryone: false, superUsers: ['User:ANONYMOUS'] })],
      kafkaRules,
      signal,
    );
    const status = ({ verdicts }: typeof hidden, id: string) =>
      verdicts.filter(({ rule }) => rule === id).map((verdict) => verdict.status);
    expect(status(hidden, 'kafka-closed-by-default')).toEqual(['unknown']);
    expect(status(hidden, 'kafka-no-human-super-users')).toEqual(['unknown']);
    expect(statuses(hidden.verdicts, 'kafka-topic-has-access-rules', prefix)).toMatchObject({ ruleless: 'unknown' });
    expect(status(stated, 'kafka-closed-by-default')).toEqual(['pass']);
    expect(status(stated, 'kafka-no-human-super-users')).toEqual(['fail']);
    expect(statuses(stated.verdicts, 'kafka-topic-has-access-rules', prefix)).toMatchObject({ ruleless: 'pass' });
    expect(status(hidden, 'kafka-authorizer-on')).toEqual(['pass', 'pass']);
    expect(status(hidden, 'kafka-no-auto-create')).toEqual(['fail']);
  });

  test('listeners with the security that holds for each', async () => {
    const [only] = await listAll(source(), 'kafka.Broker', signal);
    expect(only?.body).toMatchObject({
      listeners: [
        { name: 'PLAINTEXT', protocol: 'PLAINTEXT', loopback: true, betweenBrokers: true },
        {
          name: 'SECURE',
          protocol: 'SASL_SSL',
          mechanisms: ['OAUTHBEARER', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
        },
        { name: 'MUTUAL', protocol: 'SSL', clientCertificates: 'required' },
        { name: 'CONTROLLER', protocol: 'PLAINTEXT', ofController: true },
      ],
    });
  });

  test('a secret of the brokers comes into no resource', async () => {
    expect(JSON.stringify(await listAll(source(), 'kafka.Broker', signal))).not.toMatch(/changeit|PlainLoginModule/);
  });
});

describe('one resource is read as the listing shows it', () => {
  test.each(['kafka.Cluster', 'kafka.Broker', 'kafka.Topic', 'kafka.Acl'])('%s', async (kind) => {
    const from = source();
    const listed = (await listAll(from, kind, signal)).find(
      ({ name }) => /Cluster|Broker/.test(kind) || name.includes(`${prefix}app`),
    );
    if (listed === undefined) throw new Error(`there is no ${kind}`);
    const { scope, uid, name, place } = listed;
    const calls = from.calls;
    expect(await from.read({ kind, scope, uid, name, place }, signal)).toEqual(listed);
    if (kind === 'kafka.Topic') expect(from.calls - calls).toBeLessThanOrEqual(5);
  });

  test('a topic that is gone is gone', async () => {
    const place = { cluster: 'lake' };
    const reference = { kind: 'kafka.Topic', scope: 'kafka/lake/kafka.Topic', name: `${prefix}gone`, place };
    expect(await source().read(reference, signal)).toBeUndefined();
  });
});

describe('what we may not read is never taken for nothing', () => {
  const cluster = { resourceType: 4, resourceName: 'kafka-cluster', host: '*', resourcePatternType: literal } as const;
  const withAcls = async <Result>(creations: Acl[], work: () => Promise<Result>): Promise<Result> => {
    await admin.createAcls({ creations });
    try {
      return await work();
    } finally {
      await admin.deleteAcls({ filters: creations });
    }
  };

  test('without rights on the cluster the listing of access rules fails, and topics are unknown', async () => {
    const closed = { ...cluster, principal: 'User:reader', operation: 8, permissionType: deny } as const;
    await withAcls([closed], async () => {
      const from = source(asReader);
      await expect(listAll(from, 'kafka.Acl', signal)).rejects.toMatchObject({ code: 'inventory.forbidden' });
      const of = await from.read({ kind: 'kafka.Topic', scope: '', name: `${prefix}ruleless`, place: {} }, signal);
      expect(of?.body).not.toHaveProperty('access');
    });
  });

  test('a topic that is hidden from us makes the listing of topics fail by name', async () => {
    const hidden = acl('ruleless', { principal: 'User:reader', operation: all, permissionType: deny });
    await withAcls([hidden], async () => {
      await expect(listAll(source(asReader), 'kafka.Topic', signal)).rejects.toMatchObject({
        code: 'inventory.forbidden',
        message: expect.stringMatching(/^\d+ topics of lake are hidden from us/),
      });
    });
  });

  test('a topic whose settings we may not read has none, and the others have theirs', async () => {
    const closed = acl('ruleless', { principal: 'User:reader', operation: 10, permissionType: deny });
    const visible = [acl('ruleless', { operation: all }), acl('app', { operation: all })];
    await withAcls([closed, ...visible], async () => {
      const link = new KafkaLink(readKafkaOptions(kafkaSettings.parse({ connection: asReader }).connection));
      const settings = await new ClusterAdmin(link).topicSettings([`${prefix}ruleless`, `${prefix}app`, 'not-there']);
      await link.close();
      expect([...settings.keys()]).toEqual([`${prefix}app`]);
      const reference = { kind: 'kafka.Topic', scope: '', name: `${prefix}ruleless`, place: {} };
      const topic = await source(asReader).read(reference, signal);
      expect(topic?.body).toMatchObject({ partitions: 1 });
      expect(topic?.body).not.toHaveProperty('settings');
    });
  });

  test('brokers that are away make every listing fail', async () => {
    const away = source({ brokers: ['127.0.0.1:1'], deadlineSeconds: 1 });
    for (const kind of ['kafka.Cluster', 'kafka.Broker', 'kafka.Topic', 'kafka.Acl'])
      await expect(listAll(away, kind, signal)).rejects.toMatchObject({ code: 'inventory.unavailable' });
  });
});
