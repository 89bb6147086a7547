import { describe, expect, test } from '@jest/globals';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import {
  connectHeaders,
  deadRecord,
  failure,
  headers,
  int32,
  int64,
  ksqldbRecord,
  minimal,
  shareGroupHeaders,
  smallryeHeaders,
  springException,
  springOrigin,
  streamsHeaders,
} from '../../support/dead-letters.ts';

const { topic, partition, offset, errorClass, message, stack } = failure;
const origin = { topic, partition, offset };
const nothing = { extras: {}, undecoded: [] };

function hops(list: ReturnType<typeof headers>): unknown {
  return readLetter(deadRecord({ headers: list })).hops;
}

describe('every field of each family is read exactly', () => {
  test('Kafka Connect', () => {
    expect(hops(connectHeaders())).toEqual([
      {
        family: 'connect',
        kind: 'failure',
        stage: 'VALUE_CONVERTER',
        component: 'orders-sink',
        task: '0',
        origin,
        error: { class: errorClass, message, stack },
        ...nothing,
        extras: { executingClass: 'org.apache.kafka.connect.json.JsonConverter' },
      },
    ]);
  });

  test('Kafka Streams, with an exception that has no message', () => {
    expect(hops(streamsHeaders({ ...failure, message: null }))).toEqual([
      { family: 'streams', kind: 'failure', origin, error: { class: errorClass, message: null, stack }, ...nothing },
    ]);
  });

  test('share groups', () => {
    expect(hops(shareGroupHeaders())).toEqual([
      { family: 'share-group', kind: 'failure', group: 'billing', attempts: 5, origin, error: { message }, ...nothing },
    ]);
  });

  test('Spring Kafka, with bytes above 0x7f and offsets beyond what a double holds', () => {
    const told = { ...failure, partition: 0x00ff_80c3, offset: 0x7fff_ff80_8080_80ffn };
    expect(hops([...springOrigin(told), ...springException(told)])).toEqual([
      {
        family: 'spring',
        kind: 'failure',
        group: 'billing',
        origin: {
          topic,
          partition: 0x00ff_80c3,
          offset: 9_223_371_489_254_867_199n,
          timestamp: 1_700_000_000_123n,
          timestampType: 'CreateTime',
        },
        error: { class: errorClass, rootClass: 'x.Y', message, stack },
        ...nothing,
      },
    ]);
  });

  test.each([
    ['four bytes', int32(4)],
    ['one byte, as old versions write', Buffer.of(4)],
  ])("Spring Kafka's retry topics, attempts in %s", (_, attempts) => {
    const list = headers(
      ['retry_topic-attempts', attempts],
      ['retry_topic-original-timestamp', minimal(1_700_000_000_000n)],
      ['retry_topic-backoff-timestamp', minimal(-129n)],
      ['springDeserializerExceptionValue', Buffer.from('aced0005737200', 'hex')],
    );
    expect(hops([...springOrigin(), ...list])).toMatchObject([
      {
        attempts: 4,
        extras: { firstTimestamp: '1700000000000', backoffUntil: '-129', valueDeserializerExceptionBytes: '7' },
      },
    ]);
  });

  test("Spring Kafka's failures of keys", () => {
    const prefix = 'kafka_dlt-key-exception-';
    const list = headers([`${prefix}fqcn`, errorClass], [`${prefix}message`, 'no'], [`${prefix}stacktrace`, stack]);
    expect(hops([...springOrigin(), ...list])).toMatchObject([
      { stage: 'key', error: { class: errorClass, message: 'no', stack } },
    ]);
  });

  test('Spring Cloud Stream, whose numbers are binary', () => {
    const list = headers(
      ['x-original-topic', topic],
      ['x-original-partition', int32(partition)],
      ['x-original-offset', int64(offset)],
      ['x-original-timestamp', int64(5n)],
      ['x-original-timestamp-type', 'CreateTime'],
      ['x-exception-fqcn', errorClass],
      ['x-exception-message', message],
      ['x-exception-stacktrace', stack],
    );
    expect(hops(list)).toEqual([
      {
        family: 'spring-cloud-stream',
        kind: 'failure',
        origin: { ...origin, timestamp: 5n, timestampType: 'CreateTime' },
        error: { class: errorClass, message, stack },
        ...nothing,
      },
    ]);
  });

  test('SmallRye, dead letters and delayed retries', () => {
    const retry = headers(
      ['delayed-retry-count', '2'],
      ['delayed-retry-original-timestamp', '1700000000000'],
      ['delayed-retry-first-processing-timestamp', '1700000000001'],
    );
    const told = { origin, error: { class: errorClass, message, rootClass: 'x.Y', rootMessage: 'z' } };
    expect(hops([...smallryeHeaders(), ...smallryeHeaders(failure, 'delayed-retry-'), ...retry])).toEqual([
      {
        family: 'smallrye',
        kind: 'retry',
        attempts: 2,
        ...nothing,
        ...told,
        origin: { ...origin, timestamp: 1_700_000_000_000n },
        extras: { firstProcessed: '1700000000001' },
      },
      { family: 'smallrye', kind: 'failure', ...told, ...nothing },
    ]);
  });

  test("ksqlDB's processing log, with the bytes that it could not read", () => {
    const raw = Buffer.from([0, 0xff, 1]);
    const letter = readLetter(ksqldbRecord(raw));
    expect(letter.hops).toEqual([
      {
        family: 'ksqldb',
        kind: 'failure',
        stage: 'deserializationError',
        component: 'processing.CTAS_ORDERS_1.KsqlTopic.Source.deserializer',
        origin: { topic: 'orders' },
        error: {
          message: 'Failed to deserialize value from topic: orders',
          rootMessage: 'Unexpected end-of-input',
        },
        failedAt: 1_700_000_000_456n,
        extras: { level: 'ERROR', target: 'value' },
        undecoded: [],
      },
    ]);
    expect(letter.payload).toEqual({ kind: 'enclosed', value: raw, isExact: true });
    expect(readLetter(ksqldbRecord(raw, 'key')).payload).toEqual({ kind: 'enclosed', key: raw, isExact: true });
  });

  test.each([
    ['whole', 'Unexpected end of JSON input — ü', 0],
    ['cut within a quantum', 'Unexpected end', 2],
    ['cut within a character', 'Unexpected end ü', 3],
  ])("Knative's dead letter sink, data %s", (_, text, cut) => {
    const base64 = Buffer.from(text).toString('base64');
    const list = headers(
      ['ce_knativeerrordest', 'http://kfn.default.svc.cluster.local'],
      ['ce_knativeerrorcode', '400'],
      ['ce_knativeerrordata', base64.slice(0, base64.length - cut)],
    );
    const [hop] = readLetter(deadRecord({ headers: list })).hops;
    expect(hop).toMatchObject({
      family: 'knative',
      component: 'http://kfn.default.svc.cluster.local',
      error: { code: '400' },
    });
    expect(hop?.error.message).not.toContain('\ufffd');
    expect(text.startsWith(hop?.error.message ?? 'nothing')).toBe(true);
    expect(hop?.error.message?.length).toBeGreaterThanOrEqual(text.length - 3);
  });

  test('Watermill', () => {
    const list = headers(
      ['reason_poisoned', 'dial tcp: refused'],
      ['topic_poisoned', topic],
      ['handler_poisoned', 'bill'],
      ['subscriber_poisoned', 'kafka.Subscriber'],
    );
    expect(hops(list)).toEqual([
      {
        family: 'watermill',
        kind: 'failure',
        component: 'bill',
        origin: { topic },
        error: { message: 'dial tcp: refused' },
        extras: { subscriber: 'kafka.Subscriber' },
        undecoded: [],
      },
    ]);
  });

  test.each(['dlq-original-topic', 'original-topic'])('eventferry, with %s', (name) => {
    const list = headers(
      [name, topic],
      ['dlq-reason', 'boom'],
      ['dlq-error-class', 'TypeError'],
      ['dlq-failed-at', '2026-11-21T10:00:00.123Z'],
      ['dlq-attempts', '3'],
      ['dlq-stack', stack],
      ['dlq-original-message-id', 'm1'],
    );
    expect(hops(list)).toEqual([
      {
        family: 'eventferry',
        kind: 'failure',
        attempts: 3,
        failedAt: 1_795_255_200_123n,
        origin: { topic },
        error: { class: 'TypeError', message: 'boom', stack },
        extras: { messageId: 'm1' },
        undecoded: [],
      },
    ]);
  });

  test('Karafka', () => {
    const list = headers(
      ['source_topic', topic],
      ['source_partition', '3'],
      ['source_offset', String(offset)],
      ['source_consumer_group', 'billing'],
      ['source_attempts', '2'],
      ['source_trace_id', 't-1'],
    );
    expect(hops(list)).toEqual([
      {
        family: 'karafka',
        kind: 'failure',
        group: 'billing',
        attempts: 2,
        origin,
        error: {},
        extras: { traceId: 't-1' },
        undecoded: [],
      },
    ]);
  });

  test('MassTransit', () => {
    const list = headers(
      ['MT-Reason', 'fault'],
      ['MT-Fault-ExceptionType', 'System.TimeoutException'],
      ['MT-Fault-Message', 'late'],
      ['MT-Fault-StackTrace', '   at A.B()'],
      ['MT-Fault-Timestamp', '2026-11-21T10:00:00.1234567Z'],
      ['MT-Fault-ConsumerType', 'Billing'],
      ['MT-Fault-RetryCount', '2'],
    );
    expect(hops(list)).toMatchObject([
      {
        family: 'masstransit',
        stage: 'fault',
        component: 'Billing',
        attempts: 2,
        failedAt: 1_795_255_200_123n,
        error: { class: 'System.TimeoutException', message: 'late', stack: '   at A.B()' },
        undecoded: [],
      },
    ]);
  });

  test('Google Pub/Sub and Azure Service Bus', () => {
    const list = headers(
      ['CloudPubSubDeadLetterSourceSubscription', 'projects/p/subscriptions/s'],
      ['CloudPubSubDeadLetterSourceDeliveryCount', '6'],
      ['CloudPubSubDeadLetterSourceTopicPublishTime', '2026-11-21T10:00:00.000+00:00'],
      ['CloudPubSubDeadLetterSourceDeliveryErrorMessage', 'refused'],
      ['DeadLetterReason', 'MaxDeliveryCountExceeded'],
      ['DeadLetterErrorDescription', 'too often'],
      ['DeadLetterSource', 'billing'],
    );
    expect(hops(list)).toMatchObject([
      {
        family: 'pubsub',
        component: 'projects/p/subscriptions/s',
        attempts: 6,
        origin: { timestamp: 1_795_255_200_000n },
        error: { message: 'refused' },
      },
      {
        family: 'service-bus',
        component: 'billing',
        error: { code: 'MaxDeliveryCountExceeded', message: 'too often' },
      },
    ]);
  });

  test('our own replays', () => {
    const list = headers(
      ['lake-replay-id', 'p1'],
      ['lake-replay-count', '2'],
      ['lake-replay-origin', 'orders-dlq/1/77'],
      ['lake-replay-timestamp', '1700000000000'],
    );
    expect(hops(list)).toEqual([
      {
        family: 'lakewarden',
        kind: 'replay',
        attempts: 2,
        origin: { topic: 'orders-dlq', partition: 1, offset: 77n, timestamp: 1_700_000_000_000n },
        error: {},
        extras: { plan: 'p1' },
        undecoded: [],
      },
    ]);
  });
});
