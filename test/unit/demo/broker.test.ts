import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Broker } from '../../../demo/broker.ts';
import type { FunctionProcess, Sent } from '../../support/function-process.ts';

let broker: Broker;
let sink: string;
beforeEach(async () => {
  broker = new Broker();
  sink = await broker.start();
});
afterEach(() => broker.stop());

/** A function that answers with these statuses in turn, the last one again and again. */
function answering(...statuses: number[]) {
  const taken: Sent[] = [];
  const send = async (sent: Sent) => {
    taken.push(sent);
    return { status: statuses[Math.min(taken.length, statuses.length) - 1] ?? 0, headers: {}, body: 'busy' };
  };
  return { taken, process: { send } as unknown as FunctionProcess };
}

async function emit(type: string): Promise<number> {
  const headers = { 'ce-type': type, 'ce-subject': 's', 'ce-id': '1', 'content-type': 'application/json' };
  return (await fetch(sink, { method: 'POST', headers, body: '{"a":1}' })).status;
}

test('an event goes to whoever asked for its type, as it came, and to nobody else', async () => {
  const { taken, process } = answering(204);
  broker.trigger('wanted', process);
  expect(await emit('wanted')).toBe(202);
  expect(await emit('other')).toBe(202);
  expect((await broker.take()).map(({ type, data }) => [type, data])).toEqual([
    ['wanted', { a: 1 }],
    ['other', { a: 1 }],
  ]);
  expect(taken).toHaveLength(1);
  expect(taken[0]).toMatchObject({ headers: { 'ce-type': 'wanted', 'ce-id': '1' }, body: Buffer.from('{"a":1}') });
  expect(await broker.take()).toEqual([]);
});

test('whoever is busy is asked again', async () => {
  const { taken, process } = answering(503, 503, 200);
  broker.trigger('wanted', process);
  await emit('wanted');
  await broker.settled();
  expect(taken).toHaveLength(3);
});

test('an event that is refused is told, and not sent again', async () => {
  const { taken, process } = answering(400);
  broker.trigger('wanted', process);
  await emit('wanted');
  await expect(broker.take()).rejects.toThrow('wanted was answered 400: busy');
  expect(taken).toHaveLength(1);
});
