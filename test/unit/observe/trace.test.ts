import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { LakewardenError } from '#shared/errors/error.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { CallCounter } from '#shared/observe/call-counter.ts';
import { traceCalling, traceEvent } from '#shared/observe/trace.ts';

const exporter = new InMemorySpanExporter();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
beforeEach(() => exporter.reset());
afterAll(() => {
  context.disable();
  trace.disable();
});

const event = { id: '1', source: '/test', type: 'test.work' };

test('each call of the work for an event is a span below it, also of calls at once', async () => {
  const counter = new CallCounter('hdfs');
  await traceEvent(event, {}, async () => {
    const ends = ['LISTSTATUS', 'OPEN'].map((operation) => counter.count(operation));
    await traceCalling('schema-registry', 'GET', () => Promise.resolve());
    for (const end of ends) end('ok');
  });
  const spans = exporter.getFinishedSpans();
  const work = spans.find(({ name }) => name === 'process test.work');
  expect(spans.filter((span) => span !== work).map(({ name }) => name)).toEqual([
    'schema-registry GET',
    'hdfs LISTSTATUS',
    'hdfs OPEN',
  ]);
  for (const span of spans) if (span !== work) expect(span.parentSpanContext?.spanId).toBe(work?.spanContext().spanId);
});

test('a span names its event without passwords, and never at length', async () => {
  const subject = `hdfs://user:hunter2@host/x?token=hunter2&${'x'.repeat(1_000)}`;
  await traceEvent({ ...event, source: 'https://user:hunter2@host', subject }, {}, () => Promise.resolve());
  const attributes = exporter.getFinishedSpans()[0]?.attributes ?? {};
  expect(attributes['cloudevents.event_source']).toBe('https://***@host');
  expect(String(attributes['cloudevents.event_subject'])).toHaveLength(256);
  expect(JSON.stringify(attributes)).not.toContain('hunter2');
});

test('a call that failed says so, and names what went wrong', async () => {
  new CallCounter('metastore').count('get_table')('broken');
  const failure = new LakewardenError('hive.failed', 'no such table');
  await expect(traceCalling('hiveserver2', 'statement', () => Promise.reject(failure))).rejects.toBe(failure);
  const told = exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['error.type']]);
  expect(told).toEqual([
    ['metastore get_table', 'broken'],
    ['hiveserver2 statement', 'hive.failed'],
  ]);
});

test('operations of Kafka name no group, topic or id, since there are many of those', async () => {
  const link = new KafkaLink({ brokers: ['127.0.0.1:1'], deadlineMs: 1_000 });
  const whats = [
    'asking for positions of group secret',
    'making topic secret',
    'sending (secret)',
    'asking for topics',
  ];
  for (const what of whats) await link.call(() => Promise.resolve(), what);
  await expect(link.call(() => Promise.reject(new Error('no')), 'asking for topics')).rejects.toThrow('no');
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
    'kafka asking for positions',
    'kafka making',
    'kafka sending',
    'kafka asking for topics',
    'kafka asking for topics',
  ]);
  expect(link.calls).toBe(5);
});
