import { expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { Turns } from '#functions/metastore-sync/turns.ts';

/** Turns whose work waits until it is told how to end. */
function held(mostWaiting?: number): {
  turns: Turns<string, string>;
  begun: { asks: readonly string[]; signal: AbortSignal; end: () => void; fail: (error: Error) => void }[];
} {
  const begun: ReturnType<typeof held>['begun'] = [];
  const work = (asks: readonly string[], signal: AbortSignal): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    begun.push({ asks, signal, end: () => resolve(asks.join()), fail: reject });
    return promise;
  };
  return { turns: new Turns(work, { mostWaiting }), begun };
}

test('10,000 questions that come while a turn is under way share the next one', async () => {
  const { turns, begun } = held();
  const first = turns.take('clicks', 'first');
  const others = Array.from({ length: 10_000 }, (_, index) => turns.take('clicks', String(index)));
  expect(begun).toHaveLength(1);
  begun[0]?.end();
  expect(await first).toEqual({ outcome: 'first', requests: 1, first: true });
  await setImmediate();
  expect(begun.map(({ asks }) => asks.length)).toEqual([1, 10_000]);
  begun[1]?.end();
  const shares = await Promise.all(others);
  expect(shares.filter((share) => share.first)).toHaveLength(1);
  expect(shares.every(({ requests }) => requests === 10_000)).toBe(true);
});

test('of other names and kinds nobody has to wait', () => {
  const { turns, begun } = held();
  void turns.take('clicks', 'a');
  void turns.take('orders', 'b');
  expect(begun).toHaveLength(2);
});

test('a failure reaches those whom it covers, and the next turn goes on', async () => {
  const { turns, begun } = held();
  const first = turns.take('clicks', 'a');
  const next = [turns.take('clicks', 'b'), turns.take('clicks', 'c')];
  begun[0]?.fail(new Error('no NameNode'));
  await expect(first).rejects.toThrow('no NameNode');
  await setImmediate();
  begun[1]?.end();
  expect(await Promise.all(next)).toMatchObject([{ outcome: 'b,c' }, { outcome: 'b,c' }]);
});

test('who gives up is let go at once, and the turn goes on for the others', async () => {
  const { turns, begun } = held();
  const hasty = new AbortController();
  const first = turns.take('clicks', 'a', hasty.signal);
  const waiting = new AbortController();
  const second = turns.take('clicks', 'b', waiting.signal);
  const third = turns.take('clicks', 'c');
  waiting.abort(new Error('too late'));
  await expect(second).rejects.toThrow('too late');
  // Nobody else wants the first turn: it is told to end, and waited for.
  hasty.abort(new Error('given up'));
  expect(begun[0]?.signal.aborted).toBe(true);
  begun[0]?.fail(new Error('ended'));
  await expect(first).rejects.toThrow('ended');
  await setImmediate();
  expect(begun[1]?.asks).toEqual(['c']);
  begun[1]?.end();
  expect(await third).toMatchObject({ outcome: 'c' });
});

test('a turn goes on when one of those who share it gives up', async () => {
  const { turns, begun } = held();
  const first = turns.take('clicks', 'a');
  const hasty = new AbortController();
  const shared = [turns.take('clicks', 'b', hasty.signal), turns.take('clicks', 'c')] as const;
  begun[0]?.end();
  await first;
  await setImmediate();
  hasty.abort(new Error('too late'));
  await expect(shared[0]).rejects.toThrow('too late');
  expect(begun[1]?.signal.aborted).toBe(false);
  begun[1]?.end();
  // Who is still there tells of it.
  expect(await shared[1]).toEqual({ outcome: 'b,c', requests: 2, first: true });
});

test('a turn that everybody gave up before it began is not begun', async () => {
  const { turns, begun } = held();
  const first = turns.take('clicks', 'a');
  const hasty = new AbortController();
  const second = turns.take('clicks', 'b', hasty.signal);
  hasty.abort(new Error('too late'));
  await expect(second).rejects.toThrow('too late');
  begun[0]?.end();
  await first;
  await setImmediate();
  expect([begun.length, turns.isBusy('clicks')]).toEqual([1, false]);
});

test('no more than so much waits; what is too heavy even alone is taken when nothing waits', async () => {
  const { turns, begun } = held(10);
  const first = turns.take('clicks', 'a', undefined, 100);
  const second = turns.take('clicks', 'b', undefined, 100);
  await expect(turns.take('clicks', 'c', undefined, 1)).rejects.toMatchObject({ code: 'busy', disposition: 'retry' });
  begun[0]?.end();
  await first;
  await setImmediate();
  const third = turns.take('clicks', 'd', undefined, 10);
  await expect(turns.take('clicks', 'e')).rejects.toMatchObject({ code: 'busy' });
  begun[1]?.end();
  await second;
  await setImmediate();
  begun[2]?.end();
  expect(await third).toMatchObject({ outcome: 'd' });
});
