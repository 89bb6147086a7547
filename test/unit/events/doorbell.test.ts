import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { isError } from '#shared/errors/error.ts';
import { readData, readOptions, unsupportedEvent } from '#shared/events/doorbell.ts';

const schema = z.object({ topics: z.array(z.string().min(1)).optional(), dryRun: z.boolean().default(false) });
const tick = (data?: unknown) => readOptions(schema, { type: 'tick', data }, 'some-function');

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isError(error, 'event.invalid')) return error.message;
  }
  throw new Error('it was not refused');
}

describe('what an event asks for', () => {
  test.each([[undefined], [null], [{}]])('is the usual when its data are %j', (data) => {
    expect(tick(data)).toEqual({ options: { dryRun: false }, problems: [] });
  });

  test.each([
    [[], /data: .*expected object/],
    ['{"dryRun":true}', /data: .*expected object/],
    [{ dryRun: 'no' }, /data\.dryRun: .*expected boolean/],
    [{ topics: ['a', ''] }, /data\.topics\.1: /],
  ])('%j is refused by the name of the field', (data, reason) => {
    expect(refusal(() => tick(data))).toMatch(reason);
  });

  test.each(['dry_run', '__proto__', 'toString', 'x'.repeat(10_000)])('%s is left aside and told', (key) => {
    const { options, problems } = tick(JSON.parse(`{"dryRun":true,${JSON.stringify(key)}:1}`));
    expect(options).toEqual({ dryRun: true });
    expect(problems).toEqual([
      { code: 'event.option', message: expect.stringContaining('some-function (topics, dryRun)') },
    ]);
    expect(problems[0]?.message.length).toBeLessThan(400);
  });

  test('a type of any length makes a short refusal', () => {
    const type = 'y'.repeat(100_000);
    expect(refusal(() => readData(schema, { type, data: 1 })).length).toBeLessThan(400);
    expect(unsupportedEvent(type, 'some-function').message.length).toBeLessThan(400);
  });
});
