import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { openAws } from '#functions/compliance-scan/inventory/aws/open-aws.ts';
import { awsSettings } from '#functions/compliance-scan/inventory/aws/settings.ts';
import { openOpenstack } from '#functions/compliance-scan/inventory/openstack/open-openstack.ts';
import { openstackSettings } from '#functions/compliance-scan/inventory/openstack/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { CallCounter } from '#shared/observe/call-counter.ts';
import { traceCalling, traceEvent } from '#shared/observe/trace.ts';
import { ec2Document, FakeAws } from '../../support/fake-aws.ts';
import { FakeCloud } from '../../support/fake-cloud.ts';

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

describe('each try of a call to a cloud is a span', () => {
  const { signal } = new AbortController();
  const told = (): unknown[] =>
    exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['error.type']]);

  async function readAll(source: Source, id: string, kind: string): Promise<void> {
    for await (const page of source.list({ id, kind }, signal)) expect(page).toEqual([]);
    await source.close();
  }

  test('of AWS, with the error as AWS names it', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'a-key-of-nobody';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'a-secret-of-nobody';
    let isThrottled = true;
    const fake = await FakeAws.start(() => {
      if (!isThrottled) return ec2Document('DescribeVolumes', '<volumeSet/>');
      isThrottled = false;
      return { status: 503, code: 'RequestLimitExceeded' };
    });
    const accounts = [{ id: '123456789012', regions: ['eu-central-1'] }];
    const source = openAws(awsSettings.parse({ accounts, endpoint: fake.url, attempts: 2 }));
    await readAll(source, 'aws/123456789012/eu-central-1/Volume', 'aws.Volume');
    await fake.stop();
    expect(told()).toEqual([
      ['aws DescribeVolumes', 'RequestLimitExceeded'],
      ['aws DescribeVolumes', undefined],
    ]);
  });

  test('of OpenStack, the one for the token too', async () => {
    const fake = new FakeCloud();
    await fake.start();
    const { host } = new URL(fake.url);
    const network = { type: 'network', endpoints: [{ interface: 'public', url: fake.url }] };
    fake.answer(({ method }) =>
      method === 'POST'
        ? { status: 201, headers: { 'x-subject-token': 'token' }, body: { token: { catalog: [network] } } }
        : { body: { security_groups: [] } },
    );
    const user = { name: 'scan', project: 'lake', password: 'a-password-of-nobody' };
    const source = openOpenstack(
      openstackSettings.parse({ name: 'lab', authUrl: `${fake.url}/v3`, attempts: 1, user }),
    );
    await readAll(source, 'openstack/lab/default/SecurityGroup', 'openstack.SecurityGroup');
    await fake.stop();
    expect(told()).toEqual([
      [`${host} POST`, undefined],
      [`${host} GET`, undefined],
    ]);
  });
});
