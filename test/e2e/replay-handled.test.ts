import { expect, test } from '@jest/globals';
import { unhandledLetters } from '#functions/dead-letter-triage/group/handled.ts';
import { openReplay } from '#functions/dead-letter-triage/replay/open-replay.ts';
import { planReplay } from '#functions/dead-letter-triage/replay/plan-file.ts';
import type { ReplayTools } from '#functions/dead-letter-triage/replay/replay-tools.ts';
import { readFacts } from '#functions/dead-letter-triage/report/read-facts.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { applyPrinted } from '../support/replay-site.ts';
import { sweep, type TriageLake, useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);

interface Site {
  readonly dlq: string;
  readonly triage: TriageLake;
  readonly tools: ReplayTools;
  readonly write: (error: string, ...bodies: string[]) => Promise<void>;
  readonly plan: (rest?: object) => ReturnType<typeof planReplay>;
  readonly told: () => unknown[];
}

async function newSite(partitions = 1): Promise<Site> {
  const [origin, dlq] = [await kafka.create(), await kafka.create(partitions)];
  const ledger = kafka.name();
  const triage = await prepare([dlq], { replay: { ledger: { topic: ledger, partitions: 1 } } });
  const { settings, clients, announce } = triage.tools;
  const tools = openReplay(settings, clients, announce);
  let offset = 0n;
  return {
    dlq,
    triage,
    tools,
    write: (error, ...bodies) =>
      writeLetters(
        kafka,
        bodies.map((body, index) => {
          offset += 1n;
          const told = {
            ...failure,
            topic: origin,
            partition: 0,
            offset,
            message: error,
            stack: `com.acme.${error}: no`,
          };
          return {
            topic: dlq,
            partition: index % partitions,
            timestamp: BigInt(Date.now()),
            key: Buffer.from(body),
            value: Buffer.from(body),
            headers: connectHeaders(told),
          };
        }),
      ),
    plan: (rest = {}) =>
      planReplay(
        JSON.stringify({ name: 'mend', filter: { topic: dlq }, newerData: 'ignore', ...rest }),
        'r.yaml',
        tools,
      ),
    told: () =>
      triage.events
        .filter(({ type }) => /regressed|resolved/.test(type))
        .map(({ type, data }) => [
          type.split('.').at(-1),
          (data as { because?: string }).because,
          (data as { plan?: string }).plan,
        ]),
  };
}

const letters = async ({ triage, dlq }: Site): Promise<(number | string)[][]> =>
  (await triage.groups(dlq))
    .toSorted((a, b) => (a.about.message < b.about.message ? -1 : 1))
    .map((group) => [group.about.message, group.state, group.count, unhandledLetters(group), group.episode]);

test('letters that went out are handled, what was held is not, and what comes back has regressed', async () => {
  const site = await newSite();
  const { triage, tools, dlq } = site;
  await site.write('Broken', '{"a":1}', '{"a":2}', '{"a":3}');
  await site.write('Odd', '{"a":4}', 'no JSON', '{"a":6}');
  await triage.run(sweep);
  const plan = await site.plan({ transforms: [{ set: '/b', value: 1 }] });
  // Killed between the last letter and telling triage: doing it again is the same as having done it once.
  const killed = {
    ...tools,
    handled: { load: tools.handled?.load.bind(tools.handled), note: () => Promise.reject(new Error('killed')) },
  };
  await expect(applyPrinted(plan, killed as unknown as ReplayTools)).rejects.toThrow('killed');
  expect(site.told()).toEqual([]);
  for (const [written, resolved] of [
    [0, 1],
    [0, 0],
  ])
    expect(await applyPrinted(plan, tools)).toMatchObject({ end: 'done', written, resolved });
  expect(await letters(site)).toEqual([
    ['Broken', 'resolved', 3, 0, 1],
    ['Odd', 'open', 3, 1, 1],
  ]);
  expect(site.told()).toEqual([['resolved', 'handled', plan.plan]]);
  const { settings, clients, now } = triage.tools;
  const [facts] = (await readFacts({ clients, settings, now: now() }, [dlq])).partitions;
  expect(
    facts?.groups
      .flatMap(({ replays = [] }) => replays)
      .map((one) => [one.plan, one.letters])
      .toSorted(),
  ).toEqual([
    [plan.plan, 2],
    [plan.plan, 3],
  ]);
  await site.write('Broken', '{"a":1}');
  await triage.run(sweep);
  expect(await letters(site)).toEqual([
    ['Broken', 'open', 4, 1, 2],
    ['Odd', 'open', 3, 1, 1],
  ]);
  // The old plan once more says nothing about what came later.
  expect(await applyPrinted(plan, tools)).toMatchObject({ end: 'done', resolved: 0 });
  expect(site.told()).toEqual([
    ['resolved', 'handled', plan.plan],
    ['regressed', undefined, undefined],
  ]);
  // The rest goes out by another plan, which leaves out what the first one sent.
  const rest = await site.plan();
  expect(rest.summary).toMatchObject({ replayed: 2, skipped: [{ count: 5 }] });
  expect(await applyPrinted(rest, tools)).toMatchObject({ end: 'done', written: 2, resolved: 2 });
  expect((await letters(site)).map(([, state]) => state)).toEqual(['resolved', 'resolved']);
});

test('a replay that is ahead of triage is not taken for handled letters that came back', async () => {
  const site = await newSite();
  const { triage, tools } = site;
  await site.write('Broken', '1');
  await triage.run(sweep);
  await site.write('Broken', '2', '3');
  expect(await applyPrinted(await site.plan(), tools)).toMatchObject({ end: 'done', written: 3, resolved: 0 });
  expect(await letters(site)).toEqual([['Broken', 'open', 1, 0, 1]]);
  await triage.run(sweep);
  expect(await letters(site)).toEqual([['Broken', 'resolved', 3, 0, 1]]);
  expect(site.told()).toMatchObject([['resolved', 'handled', expect.any(String)]]);
});

test('nothing is told where triage never was', async () => {
  const site = await newSite(2);
  await site.write('Broken', '1', '2');
  expect(await applyPrinted(await site.plan(), site.tools)).toMatchObject({ end: 'done', written: 2, resolved: 0 });
  await site.triage.run(sweep);
  // Done again, it tells of both partitions.
  const again = await site.plan();
  expect(await applyPrinted(again, site.tools)).toMatchObject({ end: 'done', written: 0, resolved: 2 });
});
