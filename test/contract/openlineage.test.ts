import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import { effectOf } from '#functions/metastore-sync/lineage.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { describeEffect } from '#shared/lineage/run-event.ts';
import { resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { runTool } from '#lake-in-a-box/launch.ts';

const root = join(import.meta.dirname, '../..');
const settings = settingsSchema.parse({
  hdfs: { addresses: ['http://lake:9870'], defaultFs: 'hdfs://lake:8020' },
  metastore: { uris: ['thrift://metastore:9083'] },
});
const by = { producer: 'https://lakewarden.dev/test', namespace: 'lakewarden', function: 'test' };
const kinds = ['table.created', 'table.evolved', 'partitions.added', 'partitions.changed', 'partitions.gone'];

let temp: string;
beforeAll(() => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-openlineage-'));
});
afterAll(() => rmSync(temp, { recursive: true }));

/** What OpenLineage's own client says against events. */
async function judge(events: readonly object[]): Promise<string> {
  const { signal } = new AbortController();
  const jars = await resolveJars('openlineage', () => {}, signal);
  const file = join(temp, 'events');
  writeFileSync(file, events.map((event) => JSON.stringify(event)).join('\n'));
  const args = ['-cp', jars.join(':'), join(root, 'test/support/ReadRunEvents.java'), file];
  return await runTool(javaTool('java'), args, temp, signal);
}

function told(kind: string): object[] {
  const text = readFileSync(join(root, `events/examples/dev.lakewarden.${kind}.json`), 'utf8');
  const effect = effectOf(JSON.parse(text) as CloudEventOut, settings);
  // The client writes no milliseconds where there are none.
  return effect === undefined ? [] : describeEffect({ ...effect, time: '2019-09-01T02:00:02.125Z' }, by);
}

test("OpenLineage's own client reads every kind of RunEvent, knows each part of it, and writes it back the same", async () => {
  const events = kinds.flatMap(told);
  expect(events).toHaveLength(2 * kinds.length);
  expect(await judge(events)).toBe('');
});

test('it would tell of a facet or a member that it does not know', async () => {
  const [, complete] = told('partitions.added') as { outputs: { facets: object }[] }[];
  const facet = { _producer: by.producer, _schemaURL: by.producer };
  const odd = { ...complete?.outputs[0], facets: { ...complete?.outputs[0]?.facets, symlinkz: facet } };
  const out = await judge([{ ...complete, outputs: [odd] }]);
  expect(out).toMatch(/^unknown: \S+ .*symlinkz.*\n$/);
});
