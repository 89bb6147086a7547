import { expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { asError } from '#shared/errors/error.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';

const least = { topics: ['orders-dlq'], kafka: { brokers: ['localhost:9092'] } };

/** What is wrong with settings, as it is told at the start. */
function faultOf(more: Record<string, unknown>): string | undefined {
  try {
    readFunctionSettings(settingsSchema, { env: {}, values: { ...least, ...more } });
    return undefined;
  } catch (error) {
    return asError(error).message;
  }
}

test('few settings suffice', () => {
  expect(faultOf({})).toBeUndefined();
});

test.each<[string, Record<string, unknown>, string]>([
  ['our own state as a dead letter topic', { topics: ['lakewarden-triage-state'] }, 'exclude it'],
  ['the same by a pattern', { topics: ['*'] }, 'exclude it'],
  ['letters of a Broker that nobody would read', { knativeLetters: { topic: 'undelivered' } }, 'leave it out'],
  ['a quarantine without a file system', { quarantine: {} }, 'quarantine needs it'],
  ['a user without a password', { registry: { url: 'http://localhost', user: 'x' } }, 'belong together'],
  ['a typing error', { topic: ['x'] }, 'topic'],
  [
    'a rule whose example fails',
    { rules: [{ name: 'r', match: { stage: 'x' }, action: 'discard', expect: [{ given: { stage: 'y' } }] }] },
    'example 1 of rule r fails: the rule does not match',
  ],
])('%s is refused at the start', (_, more, reason) => {
  expect(faultOf(more)).toContain(reason);
});

test('a pattern for all topics goes with what it must leave out', () => {
  expect(faultOf({ topics: ['*'], exclude: ['lakewarden-*'] })).toBeUndefined();
});
