import { expect, test } from '@jest/globals';
import { createFlusher } from '#shared/observe/flusher.ts';

/** Sends that end when they are told to. */
function slowSends() {
  const sends: { end: () => void; fail: (error: Error) => void }[] = [];
  const told: string[] = [];
  const make = (waitMs: number, restMs: number) =>
    createFlusher({
      send: () => new Promise((resolve, reject) => void sends.push({ end: resolve, fail: reject })),
      waitMs,
      restMs,
      onFailure: (error, failures) => void told.push(`${String(error)} ${failures}`),
      onRecovery: (failures) => void told.push(`well after ${failures}`),
    });
  return { sends, told, make };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('calls during a send share one that begins after it', async () => {
  const { sends, make } = slowSends();
  const flusher = make(60_000, 60_000);
  const ended: string[] = [];
  const first = flusher.flush().then(() => ended.push('first'));
  const others = [1, 2, 3].map(() => flusher.flush().then(() => ended.push('other')));
  await settled();
  expect(sends).toHaveLength(1);
  sends[0]?.end();
  await first;
  await settled();
  expect([sends.length, ended]).toEqual([2, ['first']]);
  sends[1]?.end();
  await Promise.all(others);
  expect([sends.length, ended.length]).toEqual([2, 4]);
});

test('after a failure nobody waits, until a send succeeds', async () => {
  const { sends, told, make } = slowSends();
  const flusher = make(60_000, 60_000);
  const failed = flusher.flush();
  sends[0]?.fail(new Error('away'));
  await failed;
  await flusher.flush();
  expect([sends.length, told]).toEqual([2, ['Error: away 1']]);
  sends[1]?.end();
  await settled();
  expect(told).toEqual(['Error: away 1', 'well after 1']);
  let waits = true;
  const again = flusher.flush().then(() => (waits = false));
  await settled();
  expect(waits).toBe(true);
  sends[2]?.end();
  await again;
});

test('a send that hangs is waited for once', async () => {
  const { sends, make } = slowSends();
  const flusher = make(1, 60_000);
  await flusher.flush();
  await flusher.flush();
  expect(sends).toHaveLength(1);
});
