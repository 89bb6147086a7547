import { expect, test } from '@jest/globals';
import { tellOrKeep } from '#functions/metastore-sync/outbox/keep-events.ts';
import { Outbox } from '#functions/metastore-sync/outbox/outbox.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { createLog } from '#shared/observe/log.ts';

const log = createLog({ function: 'test', level: 'silent' });
const hdfs = new WebHdfs({ addresses: ['http://127.0.0.1:1'], user: 'nobody' });
const away = (): Promise<void> => Promise.reject(new LakewardenError('sink.unavailable', 'the event sink is away'));

function event(id: number, name = 'partitions.added', padding = 0): CloudEventOut {
  const type = `dev.lakewarden.${name}`;
  const data = { padding: 'x'.repeat(padding) };
  return { specversion: '1.0', id: `${id}`, source: '/s', type, time: '', datacontenttype: 'application/json', data };
}

/** An outbox in memory. */
function outbox(maxEvents: number, maxMebibytes = 1): Outbox {
  return new Outbox({ hdfs, intentSeconds: 1, maxEvents, maxMebibytes, verify: async (one) => one, log });
}

test('without a folder, what waits is told in its order, and then nothing waits', async () => {
  const box = outbox(10);
  expect(box.waiting).toEqual({ events: 0, bytes: 0, since: undefined });
  for (const id of [1, 2, 3]) await box.keep(event(id));
  expect(box.waiting).toMatchObject({ events: 3, since: expect.any(Number) });
  const told: string[] = [];
  await box.tell(async ({ id }) => void told.push(id));
  expect([told, box.waiting]).toEqual([['1', '2', '3'], { events: 0, bytes: 0, since: undefined }]);
});

test('work is refused while as many events wait as may, and begun when the sink takes them', async () => {
  const [box, other] = [outbox(2), outbox(2)];
  await box.makeRoom(away);
  for (const id of [1, 2]) for (const one of [box, other]) await one.keep(event(id));
  expect(box.isFull).toBe(true);
  await other.makeRoom(async () => {});
  expect(other.waiting.events).toBe(0);
  await expect(box.makeRoom(away)).rejects.toMatchObject({
    code: 'sink.unavailable',
    message: /^2 events of \d+ bytes/,
  });
  await expect(box.intend([event(3)])).rejects.toMatchObject({ code: 'sink.unavailable' });
});

test('work is refused while as many bytes wait as may', async () => {
  const box = outbox(1_000, 0.01);
  await box.keep(event(1, 'partitions.added', 9_000));
  await expect(box.intend([event(2, 'partitions.added', 9_000)])).rejects.toMatchObject({ code: 'sink.unavailable' });
  await box.intend([event(2)]);
  await box.keep(event(3, 'partitions.added', 9_000));
  await expect(box.makeRoom(away)).rejects.toMatchObject({ code: 'sink.unavailable' });
});

test('memory holds 1,000 events and 16 MiB, whatever the settings say', async () => {
  const [many, large] = [outbox(1_000_000, 1_000), outbox(1_000_000, 1_000)];
  for (let id = 0; id < 999; id += 1) await many.keep(event(id));
  expect(many.isFull).toBe(false);
  await many.keep(event(999));
  for (let id = 0; id < 2; id += 1) await large.keep(event(id, 'partitions.added', 8 << 20));
  expect([many.isFull, large.isFull]).toEqual([true, true]);
});

test('a run that tells more than may wait goes on while nothing waits: it would tell as much the next time', async () => {
  const box = outbox(2);
  await box.intend([1, 2, 3].map((id) => event(id)));
});

test('effects are kept even when it is full; what the next look tells again fails the call', async () => {
  const box = outbox(1);
  const tell = tellOrKeep({ emit: away, log }, new AbortController().signal, box);
  await tell(event(1));
  await tell(event(2));
  for (const name of ['table.conflict', 'sync.completed', 'offsets.missing'])
    await expect(tell(event(3, name))).rejects.toMatchObject({ code: 'sink.unavailable' });
  const told: string[] = [];
  // A moment later: the sink is not asked right after it was away.
  await expect(box.tell(async ({ id }) => void told.push(id))).rejects.toMatchObject({ code: 'sink.unavailable' });
  expect(told).toEqual([]);
  expect(box.waiting.events).toBe(2);
});
