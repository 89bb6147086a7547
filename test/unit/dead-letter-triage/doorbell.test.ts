import { describe, expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { type Doorbell, readDoorbell } from '#functions/dead-letter-triage/doorbell.ts';
import { asError } from '#shared/errors/error.ts';

const settings = settingsSchema.parse({
  topics: ['*-dlq', 'undelivered'],
  exclude: ['secret-dlq'],
  knativeLetters: { topic: 'undelivered' },
  kafka: { brokers: ['localhost:9092'] },
});
const ping = 'dev.knative.sources.ping';
const kafkaEvent = 'dev.knative.kafka.event';
const feed = 'org.apache.openwhisk.kafka.messages';
const resumed = 'dev.lakewarden.dead-letter-triage.resumed';
const source = '/apis/v1/namespaces/lake/kafkasources/letters#orders-dlq';

test.each<[string, Doorbell, unknown]>([
  ['a tick', { type: ping, data: undefined }, { kind: 'all' }],
  ['a tick for topics', { type: ping, data: { topics: ['a-dlq', 'a-dlq'] } }, { kind: 'topics', topics: ['a-dlq'] }],
  [
    'a record of a KafkaSource',
    { type: kafkaEvent, source, subject: 'partition:7#9223372036854775807', data: 'anything' },
    { kind: 'places', places: [{ topic: 'orders-dlq', partition: 7 }] },
  ],
  [
    'a batch of the feed',
    {
      type: feed,
      data: [
        { topic: 'a-dlq', partition: 1, offset: 5, key: null, value: 'x' },
        { topic: 'a-dlq', partition: 1, offset: 6, key: null, value: 'x' },
        { topic: 'b-dlq', partition: '2', offset: '7' },
      ],
    },
    {
      kind: 'places',
      places: [
        { topic: 'a-dlq', partition: 1 },
        { topic: 'b-dlq', partition: 2 },
      ],
    },
  ],
  [
    'what we had no time for',
    { type: resumed, data: { places: [{ topic: 'a-dlq', partition: 0 }] } },
    { kind: 'places', places: [{ topic: 'a-dlq', partition: 0 }] },
  ],
])('%s says where to look', (_, event, scope) => {
  expect(readDoorbell(event, settings)).toEqual({ scope, dryRun: false, problems: [] });
});

test('what is not of a dead letter topic is left aside and told', () => {
  const data = [{ topic: 'a-dlq', partition: 1, offset: 5 }, { topic: 'orders', partition: 0, offset: 1 }, 7, null];
  const { scope, problems } = readDoorbell({ type: feed, data }, settings);
  expect(scope).toEqual({ kind: 'places', places: [{ topic: 'a-dlq', partition: 1 }] });
  expect(problems).toMatchObject([{ code: 'event.place', message: expect.stringContaining('3 of 4') }]);
  expect(readDoorbell({ type: ping, data: { topic: 'a-dlq' } }, settings).problems).toMatchObject([
    { code: 'event.option', message: expect.stringContaining('data.topic') },
  ]);
});

test('any event that a dead letter sink delivers becomes a letter first, whatever its type', () => {
  const event = {
    id: 'b1',
    source: '/s',
    type: ping,
    data: Buffer.from('{"a":'),
    extensions: { knativeerrorcode: '400' },
  };
  expect(readDoorbell(event, settings)).toMatchObject({ undelivered: event });
  const { knativeLetters: _, ...without } = settings;
  expect(codeOf(event, without as typeof settings)).toBe('event.unsupported');
});

function codeOf(event: Doorbell, own = settings): string {
  try {
    readDoorbell(event, own);
    return 'taken';
  } catch (error) {
    return asError(error).code;
  }
}

describe('hopeless events are refused for good', () => {
  test.each<[string, Doorbell]>([
    ['another topic', { type: ping, data: { topics: ['orders'] } }],
    ['an excluded topic', { type: ping, data: { topics: ['secret-dlq'] } }],
    ['a name that is none', { type: ping, data: { topics: ['../a-dlq'] } }],
    ['no topics', { type: ping, data: { topics: [] } }],
    ['data of another kind', { type: ping, data: 'all' }],
    ['data that is an array', { type: ping, data: [1] }],
    ['a source without topic', { type: kafkaEvent, source: '/s', subject: 'partition:0#1', data: '' }],
    ['a source of another topic', { type: kafkaEvent, source: '/s#orders', subject: 'partition:0#1', data: '' }],
    ['no subject', { type: kafkaEvent, source, data: '' }],
    ['a false subject', { type: kafkaEvent, source, subject: 'partition:-1#1', data: '' }],
    [
      'a subject of a partition that cannot be',
      { type: kafkaEvent, source, subject: 'partition:99999999999#1', data: '' },
    ],
    ['a feed of nothing', { type: feed, data: { messages: [] } }],
    ['a feed of rubbish', { type: feed, data: [1, 'x', { topic: 'a-dlq' }] }],
    ['places of rubbish', { type: resumed, data: { places: [{ topic: 'a-dlq', partition: 1.5 }] } }],
    ['no places', { type: resumed, data: { places: [] } }],
  ])('%s', (_, event) => {
    expect(codeOf(event)).toBe('event.invalid');
  });

  test('unknown types, however long', () => {
    expect(codeOf({ type: `x${'y'.repeat(100_000)}`, data: {} })).toBe('event.unsupported');
  });
});
