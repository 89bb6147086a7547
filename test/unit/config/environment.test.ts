import { expect, test } from '@jest/globals';
import { readEnvironment } from '#shared/config/environment.ts';

test('what the platform sets is read', () => {
  const env = {
    K_SINK: 'http://broker-ingress.knative-eventing.svc.cluster.local/default/lake',
    K_CE_OVERRIDES: '{"extensions":{"lakezone":"golden"}}',
    K_SERVICE: 'metastore-sync',
    FUNC_PORT: '9000',
  };
  expect(readEnvironment(env)).toEqual({
    sink: env.K_SINK,
    eventExtensions: { lakezone: 'golden' },
    service: 'metastore-sync',
    logLevel: 'info',
    runtime: { port: 9000, logLevel: 'warn', bodyLimit: 1_048_576 },
  });
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
