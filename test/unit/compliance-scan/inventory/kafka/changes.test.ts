import { expect, test } from '@jest/globals';
import { readKafkaChanges } from '#functions/compliance-scan/inventory/kafka/changes.ts';

const event = (data: unknown, type = 'io.confluent.kafka.server/authorization') => ({
  id: '1',
  source: 'crn:///',
  type,
  specversion: '1.0' as const,
  extensions: {},
  data,
});
const topic = { resourceType: 'Topic', resourceName: 'clicks', patternType: 'LITERAL', granted: true };

test('a changed topic is named, a changed access rule concerns the cluster', () => {
  const about = (data: unknown, type?: string) => readKafkaChanges(event(data, type), 'lake');
  expect(about({ methodName: 'kafka.IncrementalAlterConfigs', authorizationInfo: topic })).toEqual([
    {
      reference: { kind: 'kafka.Topic', scope: 'kafka/lake/kafka.Topic', name: 'clicks', place: { cluster: 'lake' } },
      deleted: false,
      happening: 'kafka/config',
    },
  ]);
  expect(
    about({ methodName: 'kafka.CreateAcls', authorizationInfo: { resourceType: 'Cluster', granted: true } }),
  ).toMatchObject([{ reference: { kind: 'kafka.Cluster', name: 'lake' }, happening: 'kafka/acl' }]);
  expect(about({ methodName: 'kafka.CreateTopics', resourceName: 'crn:///kafka=x/topic=orders' })).toMatchObject([
    { reference: { kind: 'kafka.Topic', name: 'orders' } },
  ]);
});

test('a topic is gone when it was deleted, not when somebody was allowed to', () => {
  const data = { methodName: 'kafka.DeleteTopics', authorizationInfo: topic };
  expect(readKafkaChanges(event(data), 'lake')).toMatchObject([{ deleted: false }]);
  const done = event({ ...data, result: { status: 'SUCCESS' } }, 'io.confluent.kafka.server/request');
  expect(readKafkaChanges(done, 'lake')).toMatchObject([{ deleted: true }]);
});

test.each([
  ['a read', { methodName: 'kafka.Fetch', authorizationInfo: topic }],
  ['a refusal', { methodName: 'kafka.CreateTopics', authorizationInfo: { ...topic, granted: false } }],
  ['a failure', { methodName: 'kafka.CreateTopics', authorizationInfo: topic, result: { status: 'FAILURE' } }],
  ['a method called like one of objects', { methodName: 'constructor' }],
  ['nothing', undefined],
  ['text', 'kafka.CreateTopics'],
])('%s changes nothing', (_, data) => {
  expect(readKafkaChanges(event(data), 'lake')).toEqual([]);
});

test('events of others are not ours', () => {
  expect(readKafkaChanges(event({ methodName: 'kafka.CreateTopics' }, 'com.example'), 'lake')).toBeUndefined();
});
