import { afterAll, expect, test } from '@jest/globals';
import { openKafka } from '#functions/compliance-scan/inventory/kafka/open-kafka.ts';
import { kafkaSettings } from '#functions/compliance-scan/inventory/kafka/settings.ts';
import { kafkaRules } from '#functions/compliance-scan/rules/kafka/kafka-rules.ts';
import { KafkaTopics } from '../support/kafka-topics.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { listAll, scan } from '../support/scans.ts';

const settings = { 'authorizer.class.name': '', 'super.users': '', 'ssl.enabled.protocols': 'TLSv1.1,TLSv1.3' };
const lake = await startOwnLake(['kafka'], () => {}, { kafkaSettings: settings });
const { kafka: broker = '' } = lake.addresses;
const topics = new KafkaTopics(broker);
const source = openKafka(kafkaSettings.parse({ connection: { brokers: [broker] } }));
const signal = AbortSignal.timeout(60_000);
afterAll(async () => {
  await Promise.all([topics.close(), source.close()]);
  await lake.stop();
});

test('brokers without an authorizer are open, and are told from brokers without access rules', async () => {
  await topics.create('raw', 1);
  const { verdicts, incomplete } = await scan([source], kafkaRules, signal);
  expect(incomplete).toEqual([]);
  expect(await listAll(source, 'kafka.Acl', signal)).toEqual([]);
  const of = (id: string) =>
    verdicts.filter(({ rule }) => rule === id).map(({ status, reason }) => `${status}: ${reason}`);
  expect(of('kafka-authorizer-on')).toEqual([
    'fail: lake has no authorizer: everybody may do everything',
    'fail: broker 1 has no authorizer: everybody may do everything',
  ]);
  expect(of('kafka-topic-has-access-rules')).toContain('fail: raw is open: brokers check no access');
  // Without rules there is nobody to compare with.
  expect(of('kafka-no-topic-for-everybody')).toContain('unknown: the access rules for raw could not be read');
  expect(of('kafka-tls-versions')).toEqual(['fail: broker 1 speaks versions of TLS before 1.2']);
});
