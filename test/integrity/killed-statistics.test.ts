import { expect, test } from '@jest/globals';
import { applyRun, statusOf } from '#functions/metastore-sync/run.ts';
import { storedStatistics } from '../support/footer-statistics.ts';
import { mortal } from '../support/mortal-clients.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake({ statistics: 'columns', templates: ['part={part}'] });
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;
const manyCalls = 60;

const put = (path: string, id: number, real = 1): Promise<void> =>
  lake.put(`${path}.parquet`, parquetBytes({ id: 'int', real: 'double' }, [{ id, real }, {}]));

interface Settled {
  readonly greatest: number;
  readonly rows: number;
  readonly columns: readonly string[];
}

/** Expects what an undisturbed run leaves on a partition. */
async function expectSettled(topic: string, name: string, { greatest, rows, columns }: Settled): Promise<void> {
  const stored = await storedStatistics(lake, topic, name);
  expect([name, Object.keys(stored).toSorted()]).toEqual([name, columns]);
  expect(stored).toMatchObject({ id: { longStats: { highValue: BigInt(greatest) } } });
  const [body] = await metastore.partitionsByNames(database, topic, [name]);
  const marks = Object.fromEntries(columns.map((column) => [column, 'true']));
  expect(JSON.parse(body?.parameters?.get('COLUMN_STATS_ACCURATE') ?? '{}')).toEqual({
    BASIC_STATS: 'true',
    COLUMN_STATS: marks,
  });
  for (const key of ['numRows', 'lakewarden.rows']) expect(body?.parameters?.get(key)).toBe(String(rows));
  expect(body?.parameters?.get('lakewarden.files')).toMatch(/^\d+:/);
}

// What dies before a call leaves what dies after the one before it leaves, so `make kills` alone tries both.
const moments =
  process.env['LAKEWARDEN_EVERY_FAULT'] === undefined ? ['after' as const] : (['before', 'after'] as const);

test.each(moments)(
  'a run that dies right %s any of its calls leaves statistics to the next walk, also of folders that were moved in',
  async (when) => {
    const topic = `killed_${when}`;
    await put(`${topic}/part=00/a`, 1);
    await lake.apply({ kind: 'full', topics: [topic] });
    const request = { scope: { kind: 'full' as const, topics: [topic] }, dryRun: false, problems: [] };
    let [rounds, whole] = [0, false];
    while (!whole) {
      rounds += 1;
      expect(rounds).toBeLessThan(manyCalls);
      const fresh = String(rounds).padStart(2, '0');
      // A file that comes, one whose column cannot be known, and a folder that is older than the last walk.
      await put(`${topic}/part=00/${fresh}`, 10 + rounds, rounds % 2 === 0 ? 1 : Number.NaN);
      await hdfs.remove(`${root}/${topic}/part=00/${String(rounds - 1).padStart(2, '0')}.parquet`);
      await put(`${topic}/part=${fresh}/a`, rounds);
      await hdfs.setTimes(`${root}/${topic}/part=${fresh}`, { modificationTime: 1_000 + rounds });
      const clients = mortal(lake.clients, rounds, when);
      await applyRun(request, lake.tools({ clients })).catch((error: unknown) => {
        expect(error).toMatchObject({ message: expect.stringContaining('this process is dead') });
      });
      whole = !clients.died();
      expect((await lake.apply({ kind: 'full', topics: [topic] })).tables).toMatchObject([{ problems: [] }]);
      await expectSettled(topic, 'part=00', {
        greatest: 10 + rounds,
        rows: 4,
        columns: rounds % 2 === 0 ? ['id', 'real'] : ['id'],
      });
      await expectSettled(topic, `part=${fresh}`, { greatest: rounds, rows: 2, columns: ['id', 'real'] });
      expect(statusOf(await lake.apply({ kind: 'full', topics: [topic] }))).toBe('nothing');
    }
    // All of them: listings, bodies, footers, statistics, the digest, and the marks.
    expect(rounds).toBeGreaterThan(20);
  },
  300_000,
);
