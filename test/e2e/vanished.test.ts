import { describe, expect, test } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import type { Settings } from '#functions/metastore-sync/config.ts';
import { applyRun, planRun, type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { renderPlan } from '../../cli/render-plan.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;
const file = parquet({ id: 'int' }, [{ id: 1 }]);
const put = (folder: string): Promise<void> => lake.put(`${folder}/data.parquet`, file);
const remove = (path: string): Promise<boolean> => hdfs.remove(`${root}/${path}`, { recursive: true });
const names = async (topic: string): Promise<string[]> =>
  [...(await metastore.partitionNames(database, topic))].toSorted();
const dropping = { vanished: 'drop', maxDropShare: 0.5 } as const;

/** A whole walk of one topic with some settings changed. */
function walk(topic: string, more: Partial<Settings> = dropping): Promise<RunOutcome> {
  const tools = lake.tools({ settings: { ...lake.settings, ...more } });
  return applyRun({ scope: { kind: 'full', topics: [topic] }, dryRun: false, problems: [] }, tools);
}

/** A topic with the hours 00, 01, … of a day, registered. */
async function prepare(topic: string, hours: number): Promise<{ name: (hour: string) => string; day: string }> {
  const day = `${topic}/2019/09/01`;
  for (let hour = 0; hour < hours; hour += 1) await put(`${day}/${String(hour).padStart(2, '0')}`);
  await walk(topic);
  return { day, name: (hour) => `year=2019/month=09/day=01/hour=${hour}` };
}

describe('a registered partition whose folder vanished', () => {
  test('is told of by default, left out when asked, and dropped when asked, which an event tells', async () => {
    const { day, name } = await prepare('policy', 4);
    await remove(`${day}/01`);
    const reported = await walk('policy', {});
    expect(problemsOf(reported)).toMatchObject([{ code: 'partition.vanished', path: `${root}/${day}/01` }]);
    expect(statusOf(reported)).toBe('nothing');
    const kept = await walk('policy', { vanished: 'keep' });
    expect(problemsOf(kept)).toEqual([]);
    expect(await names('policy')).toHaveLength(4);

    const sent = lake.events.length;
    expect((await walk('policy')).tables).toMatchObject([{ added: 0, changed: 0, dropped: 1, problems: [] }]);
    expect(await names('policy')).toEqual(['00', '02', '03'].map(name));
    expect(lake.events.slice(sent)).toMatchObject([
      {
        type: 'dev.lakewarden.partitions.gone',
        subject: `${database}.policy`,
        data: {
          partitions: [
            { name: name('01'), location: `${lake.settings.hdfs.defaultFs}${root}/${day}/01`, folder: 'missing' },
          ],
        },
      },
    ]);
    expect(statusOf(await walk('policy'))).toBe('nothing');
    // It comes back as any new one does; gone again, it is another event.
    await put(`${day}/01`);
    expect((await walk('policy')).tables).toMatchObject([{ added: 1, dropped: 0 }]);
    await hdfs.remove(`${root}/${day}/01/data.parquet`);
    expect((await walk('policy')).tables).toMatchObject([{ dropped: 1 }]);
    expect(lake.events.at(-1)).toMatchObject({ data: { partitions: [{ name: name('01'), folder: 'empty' }] } });
    const told = lake.events.filter(({ subject, type }) => subject === `${database}.policy` && type.endsWith('.gone'));
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    // The empty folder itself is not ours to remove.
    expect(await hdfs.statusIfExists(`${root}/${day}/01`)).toMatchObject({ childrenNum: 0 });
  });

  test('is dropped with the day, the month and the year that it lay in', async () => {
    const { name } = await prepare('retired', 3);
    await put('retired/2017/01/01/00');
    await walk('retired');
    await remove('retired/2017');
    expect((await walk('retired')).tables).toMatchObject([{ dropped: 1, problems: [] }]);
    expect(await names('retired')).toEqual(['00', '01', '02'].map(name));
  });

  test('is shown by a plan before, and only a whole walk judges it', async () => {
    const { day, name } = await prepare('planned', 2);
    await remove(`${day}/01`);
    const settings = { ...lake.settings, ...dropping };
    const ask = (kind: 'full' | 'recent') =>
      planRun({ scope: { kind, topics: ['planned'] }, dryRun: true, problems: [] }, lake.tools({ settings }));
    const [plan] = (await ask('full')).tables;
    expect(plan === undefined ? '' : renderPlan(plan)).toContain(
      `  - partition ${name('01')}  ${root}/${day}/01 is not there`,
    );
    expect((await ask('recent')).tables).toMatchObject([{ drop: [], problems: [] }]);
    expect(await names('planned')).toHaveLength(2);
  });

  test.each([
    ['its folder is back', 'partition.kept', (path: string) => put(path)],
    [
      'the folder above cannot be read any more',
      'folder.unreadable',
      (path: string) => hdfs.setPermission(`${root}/${path.slice(0, -3)}`, '700'),
    ],
    [
      "the topic's own folder is gone, too",
      'partition.kept',
      (path: string) => hdfs.rename(`${root}/${path.split('/')[0]}`, `${root}/_moved_away`, 'none'),
    ],
  ])('stays when a second look, right before the drop, sees that %s', async (reason, code, disturb) => {
    const topic = `second_look_${reason.length}`;
    const { day } = await prepare(topic, 4);
    await remove(`${day}/01`);
    const settings = { ...lake.settings, ...dropping, hdfs: { ...lake.settings.hdfs, user: 'somebody' } };
    const clients = createClients(settings);
    const onProgress = ({ step }: { step: string }): void => {
      if (step === 'planned') disturbed = disturb(`${day}/01`);
    };
    let disturbed: Promise<void> | undefined;
    const read = clients.metastore.partitionsByNames.bind(clients.metastore);
    clients.metastore.partitionsByNames = async (...args) => {
      await disturbed;
      return await read(...args);
    };
    try {
      const outcome = await applyRun(
        { scope: { kind: 'full', topics: [topic] }, dryRun: false, problems: [] },
        lake.tools({ settings, clients, onProgress }),
      );
      expect(outcome.tables).toMatchObject([{ dropped: 0, problems: [{ code, path: `${root}/${day}/01` }] }]);
      expect(await names(topic)).toHaveLength(4);
    } finally {
      await clients.metastore.close();
      clients.hdfs.close();
    }
  });

  test('stays when somebody registered it at another place', async () => {
    const { day, name } = await prepare('elsewhere', 4);
    const [body] = (await metastore.partitionsByNames(database, 'elsewhere', [name('03')])) as [Partition];
    await hdfs.mkdirs(`${root}/elsewhere_attic`);
    for (const place of ['elsewhere_attic/03', 'elsewhere/_attic/03', `${day}/02`]) {
      const location = `${lake.settings.hdfs.defaultFs}${root}/${place}`;
      await metastore.alterPartitions(database, 'elsewhere', [{ ...body, sd: { ...body.sd, location } }]);
      await remove(`${day}/03`);
      expect((await walk('elsewhere')).tables).toMatchObject([{ dropped: 0, problems: [] }]);
    }
    expect(await names('elsewhere')).toHaveLength(4);
  });
});

describe('what looks like an accident drops nothing', () => {
  test('too many, or too large a share, are refused all together, which is a problem', async () => {
    const { day } = await prepare('storm', 8);
    for (const hour of ['01', '02', '03']) await remove(`${day}/${hour}`);
    const few = await walk('storm', { vanished: 'drop', maxDropPartitions: 2, maxDropShare: 1 });
    expect(statusOf(few)).toBe('partial');
    expect(problemsOf(few)).toMatchObject([
      { code: 'partition.drop_refused', message: expect.stringMatching(/^3 of 8 .*maxDropPartitions \(2\)$/) },
      { code: 'partition.vanished' },
      { code: 'partition.vanished' },
      { code: 'partition.vanished' },
    ]);
    const share = await walk('storm', { vanished: 'drop', maxDropShare: 0.37 });
    expect(problemsOf(share)[0]?.message).toMatch(/none is dropped: .*maxDropShare \(0.37\)$/);
    expect(await names('storm')).toHaveLength(8);
    expect((await walk('storm', { vanished: 'drop', maxDropShare: 0.375 })).tables).toMatchObject([{ dropped: 3 }]);
  });

  test('an emptied topic, a missing topic and an emptied root', async () => {
    const everything = { vanished: 'drop', maxDropShare: 1 } as const;
    await prepare('emptied', 2);
    await remove('emptied/2019');
    expect(problemsOf(await walk('emptied', everything))[0]).toMatchObject({ code: 'partition.drop_refused' });
    await remove('emptied');
    expect(problemsOf(await walk('emptied', everything))).toMatchObject([{ code: 'topic.failed' }]);
    const settings = { ...lake.settings, ...everything, root: `${root}_emptied` };
    await hdfs.mkdirs(settings.root);
    const whole = await applyRun({ scope: { kind: 'full' }, dryRun: false, problems: [] }, lake.tools({ settings }));
    expect(whole.tables).toEqual([]);
    expect(await names('emptied')).toHaveLength(2);
  });

  test('a folder that may not be listed: what is not seen in it is unknown', async () => {
    const { day } = await prepare('locked', 4);
    await put('locked/2018/01/01/00');
    await walk('locked');
    await remove(`${day}/01`);
    await remove('locked/2018/01/01/00');
    await hdfs.setPermission(`${root}/locked/2018`, '700');
    const settings = { ...lake.settings, ...dropping, hdfs: { ...lake.settings.hdfs, user: 'somebody' } };
    const clients = createClients(settings);
    try {
      const outcome = await applyRun(
        { scope: { kind: 'full', topics: ['locked'] }, dryRun: false, problems: [] },
        lake.tools({ settings, clients }),
      );
      expect(outcome.tables).toMatchObject([{ dropped: 0, problems: [{ code: 'folder.unreadable' }] }]);
      expect(await names('locked')).toHaveLength(5);
    } finally {
      await clients.metastore.close();
      clients.hdfs.close();
    }
    expect((await walk('locked')).tables).toMatchObject([{ dropped: 2, problems: [] }]);
  });
});
