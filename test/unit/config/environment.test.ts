import { expect, test } from '@jest/globals';
import { readEnvironment } from '#shared/config/environment.ts';

test('what the platform sets is read', () => {
  const env = {
    K_SINK: 'http://broker-ingress.knative-eventing.svc.cluster.local/default/lake',
    K_CE_OVERRIDES: '{"extensions":{"lakezone":"golden"}}',
    K_SERVICE: 'metastore-sync',
    FUNC_PORT: '9000',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '500',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  };
  expect(readEnvironment(env)).toEqual({
    sink: env.K_SINK,
    eventExtensions: { lakezone: 'golden' },
    service: 'metastore-sync',
    logLevel: 'info',
    runtime: { port: 9000, logLevel: 'warn', bodyLimit: 1_048_576 },
    telemetry: {
      metrics: false,
      traces: true,
      sampler: { name: 'traceidratio', ratio: 0.25 },
      intervalMs: 60_000,
      limitMs: { metrics: 2_000, traces: 500 },
    },
  });
});

test('without an endpoint no telemetry goes out, however it would be sampled', () => {
  const { metrics, traces } = readEnvironment({ OTEL_TRACES_SAMPLER: 'always_on' }).telemetry;
  expect([metrics, traces]).toEqual([false, false]);
});

test('every faulty variable is named', () => {
  const env = {
    K_SINK: 'broker',
    K_CE_OVERRIDES: '{"extensions":{"Zone":"x"}}',
    FUNC_BODY_LIMIT: '1MB',
    LAKEWARDEN_LOG_LEVEL: 'loud',
  };
  expect(() => readEnvironment(env)).toThrow(/K_SINK.*K_CE_OVERRIDES|K_CE_OVERRIDES.*K_SINK/);
  expect(() => readEnvironment(env)).toThrow(
    /LAKEWARDEN_LOG_LEVEL.*FUNC_BODY_LIMIT|FUNC_BODY_LIMIT.*LAKEWARDEN_LOG_LEVEL/,
  );
});
