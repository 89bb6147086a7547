import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { StateTopic } from '#functions/dead-letter-triage/state/state-topic.ts';
import { takeTurn } from '#functions/dead-letter-triage/state/turn.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { type Counted, countingTools, startTurn, type TurnSite } from '../support/turn-process.ts';

const kafka = await useKafka();
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const groupNames = ['a', 'b', 'c'];
/** `make kills` asks for more; each costs the start of a process. */
const [lettersOfKilled, mostKills, leastKills] =
  process.env['LAKEWARDEN_KILLS'] === undefined ? [200, 5, 6] : [1_000, Infinity, 40];

/** A dead letter topic with letters of three groups, in part aborted ones between them, and a state topic. */
async function newSite(letters: number, statePartitions = 2): Promise<TurnSite> {
  const topic = await kafka.create();
  const state = await kafka.create(statePartitions, { 'cleanup.policy': 'compact', 'segment.ms': '100' });
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-turn-'));
  folders.push(folder);
  await write(topic, letters);
  return { broker: kafka.broker, topic, state, statePartitions, folder };
}

async function write(topic: string, letters: number): Promise<void> {
  const writer = new TransactionalWriter(kafka.link, `write-${topic}`);
  for (let at = 0; at < letters; at += 50) {
    await writer.begin();
    const count = Math.min(50, letters - at);
    await writer.send(Array.from({ length: count }, (_, index) => letter(topic, at + index)));
    await writer.commit();
  }
  await writer.begin();
  await writer.send(Array.from({ length: 30 }, (_, index) => letter(topic, index)));
  await writer.abort();
  await writer.close();
}

function letter(topic: string, index: number): NewRecord {
  const value = Buffer.from(groupNames[index % groupNames.length] as string);
  return { topic, partition: 0, timestamp: BigInt(index), key: null, value, headers: [] };
}

async function countsOf(site: TurnSite): Promise<Record<string, number>> {
  const state = new StateTopic(kafka.link, site.state, site.statePartitions);
  const { groups, batch } = await state.load<Counted>({ topic: site.topic, partition: 0 });
  expect(batch).toBeUndefined();
  return Object.fromEntries([...groups].map(([name, { letters }]) => [name, letters]));
}

/** The offsets in all files: none twice, none missing. */
function setAside(site: TurnSite): number[] {
  const names = readdirSync(site.folder);
  return names
    .flatMap((name) => readFileSync(join(site.folder, name), 'utf8').split('\n').map(Number))
    .toSorted((a, b) => a - b);
}

async function expectExact(site: TurnSite, letters: number): Promise<void> {
  const third = (index: number): number => Math.floor((letters + 2 - index) / 3);
  expect(await countsOf(site)).toEqual({ a: third(0), b: third(1), c: third(2) });
  const offsets = setAside(site);
  expect(new Set(offsets).size).toBe(offsets.length);
  expect(offsets).toHaveLength(letters);
}

/** Takes turns until one comes to its end; the others, as many as shall be, are killed within one of their first batches. */
async function killTurns(site: TurnSite): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    const turn = startTurn(site);
    const ended = once(turn, 'exit');
    let dots = 1 + Math.floor(Math.random() * 3);
    turn.stdout.on('data', (text: Buffer) => {
      dots -= text.length;
      if (dots <= 0 && kills < mostKills) setTimeout(() => turn.kill('SIGKILL'), Math.random() * 40);
    });
    const [code, signal] = (await ended) as [number | null, string | null];
    if (signal === null) {
      expect(code).toBe(0);
      return kills;
    }
  }
}

test('whoever is killed, at whatever moment', async () => {
  const letters = lettersOfKilled;
  const sites = [await newSite(letters), await newSite(letters)];
  const kills = await Promise.all(sites.map(killTurns));
  expect(kills.reduce((sum, each) => sum + each)).toBeGreaterThanOrEqual(leastKills);
  for (const site of sites) await expectExact(site, letters);
}, 300_000);

test('however many turns are taken at once', async () => {
  const letters = 400;
  const site = await newSite(letters);
  const place = { topic: site.topic, partition: 0 };
  const ends: string[] = [];
  for (let round = 0; !ends.includes('done'); round += 1) {
    const turns = Array.from({ length: 4 }, () => takeTurn(place, countingTools(kafka.link, site)));
    for (const { end } of await Promise.all(turns)) ends.push(end);
    expect(round).toBeLessThan(10);
  }
  await expectExact(site, letters);
});

test('a turn without letters changes nothing, and later letters are added', async () => {
  const site = await newSite(90);
  const place = { topic: site.topic, partition: 0 };
  expect(await takeTurn(place, countingTools(kafka.link, site))).toMatchObject({ end: 'done', letters: 90 });
  expect(await takeTurn(place, countingTools(kafka.link, site))).toEqual({
    end: 'done',
    batches: 0,
    letters: 0,
    lost: 0n,
  });
  await write(site.topic, 30);
  expect(await takeTurn(place, countingTools(kafka.link, site))).toMatchObject({ end: 'done', letters: 30 });
  expect(await countsOf(site)).toEqual({ a: 40, b: 40, c: 40 });
});

test('letters that retention deleted before anybody looked are told', async () => {
  const site = await newSite(100);
  await kafka.topics.deleteBelow(site.topic, 0, 60n);
  const tools = countingTools(kafka.link, site);
  const writer = new TransactionalWriter(kafka.link, `${tools.group}-first`);
  await writer.begin();
  await writer.commitPositions(tools.group, [{ topic: site.topic, partition: 0, next: 10n }]);
  await writer.commit();
  await writer.close();
  const outcome = await takeTurn({ topic: site.topic, partition: 0 }, tools);
  expect(outcome).toMatchObject({ end: 'done', lost: 50n });
});

test('without time for more, the rest is left', async () => {
  const site = await newSite(100);
  const place = { topic: site.topic, partition: 0 };
  const hurried = { ...countingTools(kafka.link, site), hasTime: () => false };
  expect(await takeTurn(place, hurried)).toMatchObject({ end: 'left', batches: 1, letters: 20 });
  expect(await takeTurn(place, hurried)).toMatchObject({ end: 'left', letters: 20 });
  expect(await takeTurn(place, countingTools(kafka.link, site))).toMatchObject({ end: 'done', letters: 60 });
});
