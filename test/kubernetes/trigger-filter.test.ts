import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { HTTP, type CloudEvent } from 'cloudevents';
import { ofKind, readFolder, repository, type With } from '../support/manifests.ts';
import { passes, type TriggerSpec } from '../support/trigger-filter.ts';
import { knativeProgram } from './admin.ts';

// What other tests say of the way of events rests on a reading of filters of our own. Here Knative reads them, too.

const triggers: With<TriggerSpec>[] = ofKind(readFolder('base/eventing'), 'Trigger');

const read = (folder: string): unknown[] =>
  readdirSync(join(repository, folder)).map(
    (name) => JSON.parse(readFileSync(join(repository, folder, name), 'utf8')) as unknown,
  );
const examples = read('events/examples') as Record<string, unknown>[];
const captured = read('test/fixtures/events') as { headers: Record<string, string>; body: string }[];

/** Attributes of events: as they are sent, as any function would be their source, and as ticks of each function. */
function eventsToTry(): Record<string, unknown>[] {
  const sent = captured.map(({ headers }) => (HTTP.toEvent({ headers, body: '{}' }) as CloudEvent).toJSON());
  const all = [...examples, ...sent].map(({ data: _data, ...attributes }): Record<string, unknown> => attributes);
  const names = readdirSync(join(repository, 'functions'));
  return all.flatMap((event) => [
    event,
    ...names.flatMap((name) => [
      { ...event, source: `/lakewarden/${name}/${name}` },
      { ...event, function: name },
      { ...event, type: `${String(event['type'])}.${name}` },
    ]),
  ]);
}

test("our reading of the Triggers' filters is Knative's own, for every event that we know", async () => {
  const events = eventsToTry();
  const child = spawn(knativeProgram('knative'), ['filter'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ triggers, events }));
  const theirs = JSON.parse(await text(child.stdout)) as boolean[][];
  const ours = triggers.map(({ spec }) => events.map((event) => passes(spec.filters, event)));
  const differ = triggers.flatMap(({ metadata }, row) =>
    events.filter((_, column) => ours[row]?.[column] !== theirs[row]?.[column]).map((event) => [metadata.name, event]),
  );
  expect(differ).toEqual([]);
  // Each Trigger lets something through, and none lets everything through.
  for (const [row, { metadata }] of triggers.entries())
    expect([metadata.name, theirs[row]?.includes(true), theirs[row]?.includes(false)]).toEqual([
      metadata.name,
      true,
      true,
    ]);
});
