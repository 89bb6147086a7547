import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import { effectOf } from '#functions/metastore-sync/lineage.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { folderName, tableName } from '#shared/lineage/naming.ts';
import { describeEffect, type RunEvent } from '#shared/lineage/run-event.ts';
import { runIdOf } from '#shared/lineage/run-id.ts';
import { runEventFaults } from '../../support/run-event-schema.ts';

const settings = settingsSchema.parse({
  hdfs: { addresses: ['http://lake:9870'], defaultFs: 'hdfs://lake:8020' },
  metastore: { uris: ['thrift://metastore:9083', 'thrift://other:9083'] },
});
const by = { producer: 'https://lakewarden.dev/functions/metastore-sync', namespace: 'lakewarden', function: 'sync' };

/** The example of an event in events/. */
function example(kind: string): CloudEventOut {
  const file = join(import.meta.dirname, `../../../events/examples/dev.lakewarden.${kind}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as CloudEventOut;
}

function runEvents(event: CloudEventOut): [RunEvent, RunEvent] {
  const effect = effectOf(event, settings);
  if (effect === undefined) throw new Error(`${event.type} is no effect`);
  return describeEffect(effect, by);
}

function facetsOf({ outputs: [output] }: RunEvent): Record<string, object> {
  const facets = Object.entries({ ...output?.facets, ...output?.outputFacets });
  const content = ([name, facet]: [string, object]): [string, object] => [
    name,
    Object.fromEntries(Object.entries(facet).filter(([key]) => !key.startsWith('_'))),
  ];
  return Object.fromEntries(facets.map(content));
}

describe('each effect on a table is a run of OpenLineage', () => {
  const keys = ['year', 'month', 'day', 'hour'].map((name) => ({ name, type: 'string' }));
  const symlinks = { identifiers: [{ namespace: 'hive://metastore:9083', name: 'default.clicks', type: 'TABLE' }] };
  const columnsOf = (kind: string): object[] => {
    const { columns = [] } = example(kind).data as { columns?: { name: string; type: string }[] };
    return [...columns, ...keys].map(({ name, type }) => ({ name, type }));
  };

  test.each([
    ['table.created', { schema: { fields: columnsOf('table.created') }, lifecycleStateChange: 'CREATE' }],
    ['table.evolved', { schema: { fields: columnsOf('table.evolved') }, lifecycleStateChange: 'ALTER' }],
    ['partitions.added', { outputStatistics: ['rowCount', 'size', 'fileCount'] }],
    ['partitions.changed', { outputStatistics: ['size', 'fileCount'] }],
    ['partitions.gone', { lifecycleStateChange: 'ALTER' }],
  ] as [string, { schema?: object; lifecycleStateChange?: string; outputStatistics?: string[] }][])(
    '%s',
    (kind, { schema, lifecycleStateChange, outputStatistics }) => {
      const [start, complete] = runEvents(example(kind));
      expect([...runEventFaults(start), ...runEventFaults(complete)]).toEqual([]);
      expect([start.eventType, complete.eventType]).toEqual(['START', 'COMPLETE']);
      expect(start.run).toEqual(complete.run);
      expect(complete.job).toMatchObject({ namespace: 'lakewarden', name: 'sync.default.clicks' });
      expect(complete.outputs).toMatchObject([{ namespace: 'hdfs://lake:8020', name: '/golden/clicks' }]);
      const { outputStatistics: statistics, ...facets } = facetsOf(complete);
      expect(facets).toEqual({
        dataSource: { name: 'hdfs://lake:8020', uri: 'hdfs://lake:8020' },
        symlinks,
        ...(schema === undefined ? {} : { schema }),
        ...(lifecycleStateChange === undefined ? {} : { lifecycleStateChange: { lifecycleStateChange } }),
      });
      expect(statistics && Object.keys(statistics)).toEqual(outputStatistics);
    },
  );

  test('rows, bytes and files are the sums of all partitions', () => {
    const event = example('partitions.added');
    const { partitions } = event.data as { partitions: Record<'rows' | 'bytes' | 'files', number>[] };
    const total = (measure: 'rows' | 'bytes' | 'files'): number =>
      partitions.reduce((sum, partition) => sum + partition[measure], 0);
    expect(facetsOf(runEvents(event)[1])['outputStatistics']).toEqual({
      rowCount: total('rows'),
      size: total('bytes'),
      fileCount: total('files'),
    });
  });

  test('what is no effect on a table is no run', () => {
    for (const kind of ['sync.completed', 'table.conflict', 'metastore-sync.resumed'])
      expect(effectOf(example(kind), settings)).toBeUndefined();
  });
});

describe('the id of a run', () => {
  test('is the same when the same effect is told again, and another one for another effect, job or namespace', () => {
    const event = example('partitions.added');
    const effect = effectOf(event, settings);
    if (effect === undefined) throw new Error('no effect');
    const id = (more: Partial<typeof effect> = {}, teller: Partial<typeof by> = {}): string =>
      describeEffect({ ...effect, ...more }, { ...by, ...teller })[0].run.runId;
    expect(id({ time: '2030-01-01T00:00:00Z' })).toBe(id());
    const others = [id({ id: 'another' }), id({}, { namespace: 'n' }), id({}, { function: 'f' })];
    expect(new Set([id(), ...others]).size).toBe(4);
  });

  test('is a UUID of version 8 whatever it is made from', () => {
    for (const text of ['', 'a', '\u{1f600}', 'x'.repeat(10_000)])
      expect(runIdOf(text)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

test.each([
  ['thrift://metastore:9083', 'hive://metastore:9083'],
  ['https://metastore:443/metastore', 'hive://metastore:443'],
  ['thrift://[::1]:9083', 'hive://[::1]:9083'],
])('the metastore %s is the namespace %s', (uri, namespace) => {
  expect(tableName(uri, 'db.t')).toEqual({ namespace, name: 'db.t' });
});

test('a file system is a namespace without a slash at its end', () => {
  expect(folderName('hdfs://lake/', '/golden/a b')).toEqual({ namespace: 'hdfs://lake', name: '/golden/a b' });
});
