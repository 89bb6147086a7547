import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventHeaders, findFreePort, startFunction, type FunctionProcess } from '../support/function-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { EventReceiver } from '../support/event-receiver.ts';

const entry = join(import.meta.dirname, '../fixtures/functions/echo/index.ts');
const lastSuccess = 'lakewarden_last_success_timestamp_seconds';
let collector: OtlpReceiver;
let address: string;
let started: FunctionProcess[];

beforeEach(async () => {
  collector = new OtlpReceiver();
  address = await collector.start();
  started = [];
});
afterEach(async () => {
  for (const one of started) await one.end();
  collector.stop();
});

async function startEcho(env: Record<string, string>): Promise<FunctionProcess> {
  const echo = await startFunction({ entry, env });
  started.push(echo);
  return echo;
}

function asJson(type: string, more: Record<string, string> = {}): Record<string, string> {
  return eventHeaders(type, { 'content-type': 'application/json', ...more });
}

describe('metrics', () => {
  test('are at the collector when the answer is there, as they would be scraped', async () => {
    const echo = await startEcho({
      OTEL_EXPORTER_OTLP_ENDPOINT: address,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter2',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=lake',
      OTEL_TRACES_EXPORTER: 'none',
      K_SERVICE: 'echo-east',
      POD_NAME: 'echo-east-00001-abc',
    });
    const before = Date.now() / 1_000;
    await echo.send({ headers: eventHeaders() });
    await echo.send({ headers: eventHeaders('test.throw') });
    expect(collector.exports).toHaveLength(2);
    expect(collector.headers[0]).toMatchObject({ authorization: 'Bearer hunter2' });
    const done = collector.last('lakewarden_requests_total', { result: 'done' });
    expect(done).toMatchObject({ kind: 'counter', value: 1, labels: { function: 'echo', status: '204' } });
    expect(done?.resource).toMatchObject({
      'service.name': 'echo-east',
      'service.instance.id': 'echo-east-00001-abc',
      'k8s.pod.name': 'echo-east-00001-abc',
      'deployment.environment.name': 'test',
      team: 'lake',
    });
    expect(done?.startTime).toBeLessThan(Date.now());
    expect(collector.last('lakewarden_requests_total', { result: 'internal' })).toMatchObject({ value: 1 });
    expect(collector.last(lastSuccess, { trigger: 'event', result: 'done' })?.value).toBeGreaterThanOrEqual(before);
    // The same numbers, as text.
    const text = (await echo.send({ method: 'GET', path: '/metrics/lakewarden' })).body;
    const { histogram, value, unit } = collector.last('lakewarden_request_seconds', { result: 'done' }) ?? {};
    expect(unit).toBe('s');
    let below = 0;
    for (const [index, bound] of (histogram?.bounds ?? []).entries()) {
      below += histogram?.counts[index] ?? 0;
      expect(text).toContain(`lakewarden_request_seconds_bucket{le="${bound}",function="echo",result="done"} ${below}`);
    }
    expect(histogram?.bounds).toHaveLength(9);
    expect(text).toContain(`lakewarden_request_seconds_count{function="echo",result="done"} ${value}`);
    expect(text).toContain(`lakewarden_request_seconds_sum{function="echo",result="done"} ${histogram?.sum}`);
  });

  test('of many answers at once are all there when the last one is, in few exports', async () => {
    const echo = await startEcho({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${address}/v1/metrics` });
    await Promise.all(Array.from({ length: 50 }, () => echo.send({ headers: asJson('test.wait'), body: '{"ms":50}' })));
    expect(collector.last('lakewarden_requests_total', { result: 'done' })).toMatchObject({ value: 50 });
    expect(collector.exports.length).toBeLessThan(25);
    expect(collector.spans).toEqual([]);
  });

  test('go out while an instance lives without an event, and at its end', async () => {
    const echo = await startEcho({ OTEL_EXPORTER_OTLP_ENDPOINT: address, OTEL_METRIC_EXPORT_INTERVAL: '200' });
    await collector.until(() => collector.exports.length > 1);
    const inFlight = echo.send({ headers: asJson('test.wait'), body: '{"ms":400}' });
    await echo.logged({ msg: 'waiting' });
    echo.signal('SIGTERM');
    await inFlight;
    await echo.exited;
    expect(collector.last('lakewarden_requests_total', { result: 'done' })).toMatchObject({ value: 1 });
  });

  test('a collector that refuses, hangs or is away fails no event, is told of once, and is forgiven', async () => {
    const port = await findFreePort();
    const echo = await startEcho({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    });
    const send = async (): Promise<void> =>
      expect(await echo.send({ headers: eventHeaders() })).toMatchObject({ status: 204 });
    for (let time = 0; time < 5; time++) await send();
    const late = new OtlpReceiver();
    try {
      await late.start(port);
      late.judge = () => 400;
      await send();
      late.judge = () => 0;
      await send();
      late.judge = () => 200;
      // An export of before may still wait for its answer.
      for (const end = Date.now() + 30_000; late.exports.length === 0 && Date.now() < end; await sleep(20))
        await send();
      expect(
        late.last('lakewarden_telemetry_exports_total', { signal: 'metrics', result: 'failed' })?.value,
      ).toBeGreaterThan(0);
      await echo.logged({ msg: 'the OpenTelemetry collector takes telemetry again' });
      expect(echo.log().filter(({ msg }) => String(msg).includes('takes nothing'))).toHaveLength(1);
    } finally {
      late.stop();
    }
  });

  test('the last success outlives its instance: a new one that only fails takes nothing away', async () => {
    const first = await startEcho({ OTEL_EXPORTER_OTLP_ENDPOINT: address, POD_NAME: 'echo-1' });
    const ping = eventHeaders('dev.knative.sources.ping');
    await first.send({ headers: ping });
    first.signal('SIGTERM');
    await first.exited;
    const success = collector.last(lastSuccess, { trigger: 'schedule' });
    const second = await startEcho({ OTEL_EXPORTER_OTLP_ENDPOINT: address, POD_NAME: 'echo-2' });
    await second.send({ headers: eventHeaders('test.throw') });
    expect(collector.last('lakewarden_requests_total', { result: 'internal' })?.resource).toMatchObject({
      'k8s.pod.name': 'echo-2',
    });
    expect(success?.value).toBeGreaterThan(0);
    expect(collector.last(lastSuccess, { trigger: 'schedule' })).toEqual(success);
  });
});

describe('traces', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  test('lead from the sender through the work to the event that is sent, and into the log', async () => {
    const sink = new EventReceiver();
    const sent: (string | undefined)[] = [];
    const echo = await startEcho({ OTEL_EXPORTER_OTLP_ENDPOINT: address, K_SINK: await sink.start() });
    try {
      sink.judge = () => 202;
      await echo.send({ headers: asJson('test.emit', { 'ce-traceparent': traceparent }), body: '{}' });
      for (const { headers } of sink.take()) sent.push(headers['ce-traceparent'] as string);
    } finally {
      sink.stop();
    }
    const [work, sending] = ['process test.emit', 'send dev.lakewarden.echo.done'].map((name) =>
      collector.spans.find((span) => span.name === name),
    );
    expect(work).toMatchObject({
      kind: 'consumer',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      failed: false,
      attributes: { 'cloudevents.event_id': '1', 'cloudevents.event_source': '/test' },
    });
    expect(sending).toMatchObject({ kind: 'producer', traceId: work?.traceId, parentSpanId: work?.spanId });
    expect(sent).toEqual([`00-${work?.traceId}-${sending?.spanId}-01`]);
    const [line] = await echo.logged({ result: 'done' });
    expect(line).toMatchObject({ trace: work?.traceId, event: { id: '1' } });
  });

  test('a call that fails is a span that failed, with the code', async () => {
    const echo = await startEcho({ OTEL_EXPORTER_OTLP_ENDPOINT: address });
    await echo.send({ headers: asJson('test.fail'), body: '{"code":"hdfs.unavailable"}' });
    expect(collector.spans).toMatchObject([{ failed: true, attributes: { 'error.type': 'hdfs.unavailable' } }]);
    expect(collector.spans[0]?.traceId).toMatch(/^[\da-f]{32}$/);
    const [line] = await echo.logged({ result: 'hdfs.unavailable' });
    expect(line).toMatchObject({ trace: collector.spans[0]?.traceId });
  });

  test('what the sender does not sample, and what is sampled away here, is not sent; the trace goes on all the same', async () => {
    const echo = await startEcho({
      OTEL_EXPORTER_OTLP_ENDPOINT: address,
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    });
    await echo.send({ headers: eventHeaders() });
    await echo.send({ headers: eventHeaders('test.echo', { traceparent: traceparent.replace(/01$/, '00') }) });
    expect(collector.spans).toEqual([]);
    await echo.send({ headers: eventHeaders('test.echo', { traceparent }) });
    expect(collector.spans).toHaveLength(1);
  });
});

describe('variables', () => {
  test('faulty ones are all named, and the function does not start', async () => {
    const echo = await startFunction({
      entry,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_TRACES_SAMPLER: 'sometimes',
        OTEL_TRACES_SAMPLER_ARG: '2',
        OTEL_METRICS_EXPORTER: 'prometheus',
      },
      ready: false,
    });
    started.push(echo);
    expect(await echo.exited).toBe(1);
    for (const name of ['ENDPOINT', 'PROTOCOL', 'SAMPLER', 'SAMPLER_ARG', 'METRICS_EXPORTER'])
      expect(echo.output()).toMatch(new RegExp(`variable OTEL_\\w*${name}: expected|only http/protobuf`));
  });

  test('OTEL_SDK_DISABLED and exporters of the name none keep everything here', async () => {
    const echo = await startEcho({ OTEL_EXPORTER_OTLP_ENDPOINT: address, OTEL_SDK_DISABLED: 'true' });
    await echo.send({ headers: eventHeaders() });
    const other = await startEcho({
      OTEL_EXPORTER_OTLP_ENDPOINT: address,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_TRACES_EXPORTER: 'none',
    });
    await other.send({ headers: eventHeaders() });
    expect([collector.exports, collector.spans]).toEqual([[], []]);
  });
});
