import { expect, test } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { applyRun, statusOf } from '#functions/metastore-sync/run.ts';
import { isError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { parquetBytes as parquet } from './parquet-file.ts';
import type { SyncLake } from './sync-lake.ts';

const rivals = 4;

/** Asks for the same paths from several instances at once; each asks again when it is told to. */
async function askAll(lake: SyncLake, paths: readonly string[]): Promise<void> {
  const request = { scope: { kind: 'paths', paths } as const, dryRun: false, problems: [] };
  const askOne = async (): Promise<void> => {
    const clients = createClients(lake.settings);
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return void (await applyRun(request, lake.tools({ clients })));
        } catch (error) {
          if (!isError(error) || error.disposition !== 'retry' || attempt === 10) throw error;
        }
      }
    } finally {
      await clients.metastore.close();
      clients.hdfs.close();
    }
  };
  await Promise.all(Array.from({ length: rivals }, askOne));
}

/** Tests that instances with the same work do and tell each change once, where the metastore has locks. */
export function testRivals(lake: SyncLake): void {
  const { statistics } = lake.settings;
  test(`instances that are asked for the same at once make and tell each change once (statistics: ${statistics})`, async () => {
    const hours = Array.from({ length: 12 }, (_, hour) => `rivals/2019/09/01/${String(hour).padStart(2, '0')}`);
    const told: CloudEventOut[] = [];
    const steps = [
      { file: 'a', schema: { id: 'int' }, events: ['table.created', 'partitions.added'] },
      { file: 'b', schema: { id: 'int' }, events: ['partitions.changed'] },
      { file: 'c', schema: { id: 'int', extra: 'string' }, events: ['table.evolved', 'partitions.changed'] },
    ];
    for (const { file, schema, events } of steps) {
      const paths = hours.map((hour) => `${hour}/${file}.parquet`);
      await Promise.all(paths.map((path) => lake.put(path, parquet(schema, [{ id: 1 }]))));
      lake.events.splice(0);
      await askAll(
        lake,
        paths.map((path) => `${lake.root}/${path}`),
      );
      expect(lake.events.map(({ type }) => type.replace('dev.lakewarden.', ''))).toEqual(events);
      expect(lake.events.at(-1)?.data).toMatchObject({ partitions: { length: hours.length } });
      told.push(...lake.events);
    }
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);

    // New partitions alone need no lock without statistics: whoever adds one tells of it.
    const more = hours.map((hour) => hour.replace('/01/', '/02/'));
    await Promise.all(more.map((hour) => lake.put(`${hour}/a.parquet`, parquet({ id: 'int' }, [{ id: 1 }]))));
    lake.events.splice(0);
    await askAll(
      lake,
      more.map((hour) => `${lake.root}/${hour}/a.parquet`),
    );
    expect(new Set(lake.events.map(({ type }) => type))).toEqual(new Set(['dev.lakewarden.partitions.added']));
    const added = lake.events.flatMap(({ data }) => (data as { partitions: { name: string }[] }).partitions);
    expect(added.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      more.map((hour) => `year=2019/month=09/day=02/hour=${hour.slice(-2)}`),
    );

    const whole = await lake.apply({ kind: 'full', topics: ['rivals'] });
    expect(statusOf(whole)).toBe('nothing');
    const names = (await lake.clients.metastore.partitionNames(lake.database, 'rivals')).filter((name) =>
      name.includes('day=01'),
    );
    const bodies = await lake.clients.metastore.partitionsByNames(lake.database, 'rivals', names);
    expect(bodies.map(({ parameters }) => parameters?.get('numFiles'))).toEqual(hours.map(() => String(steps.length)));
  });
}
