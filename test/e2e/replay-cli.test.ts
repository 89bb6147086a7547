import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Announce } from '#functions/dead-letter-triage/announce.ts';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { openReplay } from '#functions/dead-letter-triage/replay/open-replay.ts';
import { planReplay } from '#functions/dead-letter-triage/replay/plan-file.ts';
import { createReplayMetrics } from '#functions/dead-letter-triage/replay/replay-metrics.ts';
import { replayByEvent, replayRequested } from '#functions/dead-letter-triage/replay/replay-by-event.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { Call } from '#shared/host/function.ts';
import { createMetrics } from '#shared/observe/metrics.ts';
import { createLog } from '#shared/observe/log.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { lakewarden } from '../support/cli.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

const secret = '4111 1111 1111 1111';

async function newSite(): Promise<{ origin: string; settings: string; replay: string }> {
  const [origin, dlq] = [await kafka.create(), await kafka.create()];
  const letters = Array.from({ length: 3 }, (_, index): NewRecord => ({
    topic: dlq,
    partition: 0,
    timestamp: 1_700_000_000_000n,
    key: Buffer.from(`k${index}`),
    value: Buffer.from(JSON.stringify({ index, card: secret })),
    headers: connectHeaders({ ...failure, topic: origin, partition: 0, offset: BigInt(index) }),
  }));
  await writeLetters(kafka, letters);
  const settings = join(folder, `${dlq}.yaml`);
  const own = {
    topics: [dlq],
    // Triage was never here: there is no state.
    state: { topic: `none-${dlq}` },
    replay: { byEvents: true, ledger: { topic: kafka.name(), partitions: 1 } },
    kafka: { brokers: [kafka.broker] },
  };
  writeFileSync(settings, JSON.stringify(own));
  const replay = join(folder, `${dlq}.replay.yaml`);
  writeFileSync(replay, `name: mend\nfilter: {topic: ${dlq}}\ntransforms: [{drop: /index}]\n`);
  return { origin, settings, replay };
}

test('a plan is shown, stored, applied and looked at from a terminal, and shows no value', async () => {
  const { origin, settings, replay } = await newSite();
  const run = (...args: string[]) => lakewarden(['replay', ...args, '--config', settings], { cwd: folder });
  const shown = await run('plan', replay);
  expect([shown.code, shown.out]).toEqual([0, expect.stringContaining('3 would be replayed')]);
  const printed = await run('plan', replay, '--json');
  expect(`${shown.out}${printed.out}`).not.toContain('4111');
  const plan = join(folder, 'plan.json');
  writeFileSync(plan, printed.out);
  const applied = await run('apply', plan);
  expect([applied.code, applied.out]).toEqual([0, expect.stringContaining('3 by this run')]);
  await kafka.topics.settle(origin, 0);
  expect((await kafka.java.read(origin)).map(({ value }) => String(value))).toEqual(
    Array.from({ length: 3 }, () => JSON.stringify({ card: secret })),
  );
  expect((await run('status', plan)).out).toContain('3 letters replayed, 0 came back, 0 held');
  writeFileSync(plan, printed.out.replace('/index', '/card'));
  const edited = await run('apply', plan);
  expect([edited.code, edited.err]).toEqual([2, expect.stringContaining('edited')]);
}, 180_000);

test('an event brings a plan only where the settings allow it, and its end is told', async () => {
  const { settings: file, replay } = await newSite();
  const settings = settingsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const clients = createClients(settings);
  const metrics = createMetrics('dead-letter-triage');
  const countReplay = createReplayMetrics(metrics);
  const events: CloudEventOut[] = [];
  const announce = new Announce(async () => {}, 'test');
  const plan = await planReplay(readFileSync(replay, 'utf8'), replay, openReplay(settings, clients, announce));
  const send = (data: unknown, deadline = Date.now() + 60_000): Call => ({
    event: { specversion: '1.0', id: '1', source: '/x', type: replayRequested, extensions: {}, data },
    signal: new AbortController().signal,
    deadline,
    log: createLog({ function: 'dead-letter-triage', level: 'silent' }),
    emit: async (event) => void events.push(event),
  });
  const ring = (data: unknown, deadline?: number, own = settings) =>
    replayByEvent(send(data, deadline), own, clients, 'test', countReplay);
  const closed = { ...settings, replay: { ...settings.replay, byEvents: false } };
  await expect(ring({ plan }, undefined, closed)).rejects.toMatchObject({ code: 'event.unsupported' });
  for (const data of [undefined, {}, { plan: 'x' }, { plan: { ...plan, source: 'name: other' } }])
    await expect(ring(data)).rejects.toMatchObject({ code: 'event.invalid' });
  // Without time, the plan goes on by an event to ourselves.
  expect(await ring({ plan }, Date.now() - 1)).toMatchObject({ status: 'partial' });
  expect(events).toMatchObject([{ type: replayRequested, data: { plan: { plan: plan.plan } } }]);
  expect(await ring(events[0]?.data)).toMatchObject({ status: 'done' });
  expect(await ring({ plan })).toMatchObject({ status: 'nothing' });
  // The same end is told with the same id.
  const [, first, second] = events;
  expect(first).toMatchObject({ type: 'dev.lakewarden.replay.completed', data: { replayed: 3, held: 0, returned: 0 } });
  expect(second?.id).toBe(first?.id);
  const text = await metrics.text();
  const counted = (name: string) => new RegExp(`^lakewarden_triage_${name} (\\d+)`, 'm').exec(text)?.[1];
  const own = 'function="dead-letter-triage"';
  expect(['left', 'done', 'stopped'].map((end) => counted(`replays_total{end="${end}",${own}}`))).toEqual([
    '1',
    '2',
    undefined,
  ]);
  expect(counted(`replayed_letters_total{${own}}`)).toBe('3');
  expect(counted(`replay_seconds_count{${own},end="done"}`)).toBe('2');
  const documented = readFileSync('functions/dead-letter-triage/README.md', 'utf8');
  for (const { name } of await metrics.registry.getMetricsAsJSON())
    if (name.startsWith('lakewarden_triage_')) expect(documented).toContain(`| \`${name}`);
  await closeClients(clients);
}, 120_000);
