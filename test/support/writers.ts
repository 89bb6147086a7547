import { expect, test } from '@jest/globals';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { applyRun, type RunOutcome } from '#functions/metastore-sync/run.ts';
import { isError } from '#shared/errors/error.ts';
import { parquetBytes as parquet } from './parquet-file.ts';
import type { SyncLake } from './sync-lake.ts';

const writers = 8;
const numbers = Array.from({ length: writers }, (_, index) => index + 1);

/** A run of one writer on its own connections; asked again as Knative does when it says so, up to 20 times. */
async function runWriter(lake: SyncLake, path: string, onPlanned: () => Promise<void>): Promise<RunOutcome> {
  const clients = createClients(lake.settings);
  class SteppedAnnounce extends Announce {
    // Called between the look at a table and the first write to it.
    override async conflicts(): Promise<void> {
      await onPlanned();
    }
  }
  const announce = new SteppedAnnounce(() => Promise.resolve(), 'test', lake.settings.hdfs.defaultFs);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const request = { scope: { kind: 'paths', paths: [path] } as const, dryRun: false, problems: [] };
        return await applyRun(request, lake.tools({ clients, announce }));
      } catch (error) {
        if (!isError(error) || error.disposition !== 'retry' || attempt === 20) throw error;
      }
    }
  } finally {
    await clients.metastore.close();
    clients.hdfs.close();
  }
}

/** Opens for all once everybody waits before it and `last` is done; later ones pass. */
function barrier(count: number, last: () => Promise<void>): () => Promise<void> {
  let waiting = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return async () => {
    if (++waiting === count) last().then(resolve, reject);
    await promise;
  };
}

/** Tests that writers of one table who work at once, and a stranger between their look and their write, lose nothing. */
export function testWriters(lake: SyncLake): void {
  test('eight writers at once on one table, and a stranger between their look and their write, lose nothing', async () => {
    const { database, root } = lake;
    const { metastore } = lake.clients;
    await lake.put('busy/2019/09/01/00/data.parquet', parquet({ id: 'int' }, [{ id: 0 }]));
    await lake.apply();
    const paths = numbers.map((number) => `busy/2019/09/01/0${number}/data.parquet`);
    for (const [index, path] of paths.entries()) {
      await lake.put(path, parquet({ id: 'int', [`of_${index + 1}`]: 'string' }, [{ id: index }]));
    }

    const allPlanned = barrier(writers, async () => {
      const table = await metastore.table(database, 'busy');
      if (table === undefined) throw new Error('no table');
      await metastore.alterTable(database, 'busy', {
        ...table,
        sd: { ...table.sd, cols: [...(table.sd?.cols ?? []), { name: 'by_hand', type: 'int' }] },
        parameters: new Map([...(table.parameters ?? []), ['stranger', 'was here']]),
      });
    });
    const outcomes = await Promise.all(paths.map((path) => runWriter(lake, `${root}/${path}`, allPlanned)));
    expect(outcomes.flatMap(({ problems, tables }) => [...problems, ...tables.flatMap((t) => t.problems)])).toEqual([]);

    const table = await metastore.table(database, 'busy');
    const names = numbers.map((number) => `of_${number}`);
    expect(table?.sd?.cols?.map(({ name }) => name).toSorted()).toEqual(['by_hand', 'id', ...names].toSorted());
    expect(table?.parameters?.get('stranger')).toBe('was here');
    expect(table?.parameters?.get('lakewarden.topic')).toBe('busy');

    const partitions = await metastore.partitionsByNames(
      database,
      'busy',
      await metastore.partitionNames(database, 'busy'),
    );
    expect(partitions).toHaveLength(writers + 1);
    for (const { values, sd } of partitions) {
      const own = Number(values[3]) === 0 ? [] : [`of_${Number(values[3])}`];
      expect(sd?.cols?.map(({ name }) => name)).toEqual(expect.arrayContaining(['id', ...own]));
    }
    const again = await lake.apply({ kind: 'full', topics: ['busy'] });
    expect(again.tables).toMatchObject([{ created: false, evolved: 0, added: 0, changed: 0, problems: [] }]);
  });
}
