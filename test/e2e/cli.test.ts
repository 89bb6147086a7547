import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { size } from '../../cli/terminal.ts';
import { type CliRun, lakewarden } from '../support/cli.ts';
import { findFreePort } from '../support/function-process.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { database, root } = lake;
const orders = parquet({ id: 'int', price: 'decimal(9,2)' }, [{ id: 1, price: 1.5 }]);

let temp: string;
let config: string;
beforeAll(() => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-cli-'));
  config = writeSettings(temp, 'settings', writtenSettings(lake));
});
afterAll(() => rmSync(temp, { recursive: true }));

/** `lakewarden sync …` with the settings of this test's golden zone. */
const sync = (...args: string[]): Promise<CliRun> => lakewarden(['sync', ...args, '--config', config], { cwd: temp });

describe('from files to tables', () => {
  test('plan shows like a diff what would appear, and writes nothing', async () => {
    for (const hour of ['00', '01']) await lake.put(`orders/2019/09/01/${hour}/data.parquet`, orders);
    const { code, out, err } = await sync('plan');
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 6)).toEqual([
      `${database}.orders  topic orders, ${root}/orders`,
      '  + create external table, owner lakewarden, partitioned by (year string, month string, day string, hour string)',
      '  +   id int',
      '  +   price decimal(9,2)',
      `  + partition year=2019/month=09/day=01/hour=00  1 file, ${size(orders.length)}, 1 row`,
      `  + partition year=2019/month=09/day=01/hour=01  1 file, ${size(orders.length)}, 1 row`,
    ]);
    expect(out).toMatch(/\n1 table would change: sync apply with the same options does it\. \d+ HDFS calls, \d+ meta/);
    expect(err).toBe('looking at orders (1 of 1) …\n');
    expect(await lake.clients.metastore.tables(database)).toEqual([]);
  });

  test('plan --json is data, byte for byte the same for the same lake, and nothing else is printed', async () => {
    const runs = await Promise.all([sync('plan', '--json', '--full'), sync('plan', '--json', '--full')]);
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0].err).toBe('');
    expect(JSON.parse(runs[0].out)).toMatchObject({
      doorbell: { type: 'dev.knative.sources.ping', data: { scope: 'full' } },
      tables: [{ topic: 'orders', create: {}, add: [{ name: 'year=2019/month=09/day=01/hour=00' }, {}] }],
      problems: [],
    });
  });

  test('plan --exit-code tells by 4 that something would change', async () => {
    expect((await sync('plan', '--exit-code')).code).toBe(4);
  });

  test('apply makes it true, and a second apply has nothing to do', async () => {
    const first = await sync('apply');
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringContaining(`${database}.orders  created, 2 partitions added\n\ndone. `),
    ]);
    expect(await lake.ids('orders WHERE price > 1')).toEqual([1, 1]);
    const second = await sync('apply');
    expect([second.code, second.out]).toEqual([
      0,
      expect.stringContaining(`${database}.orders  nothing to change\n\nnothing to do. `),
    ]);
    const plan = await sync('plan', '--exit-code');
    expect([plan.code, plan.out]).toEqual([
      0,
      expect.stringContaining('  nothing to change\n\nnothing would change. '),
    ]);
  });

  test('a change of columns is shown with its file, and so is what is refused', async () => {
    const wider = parquet({ id: 'bigint', price: 'decimal(12,2)', note: 'string' }, [{ id: 2n, price: 2, note: 'n' }]);
    await lake.put('orders/2019/09/01/02/wider.parquet', wider);
    await lake.put('orders/2019/09/01/03/text.parquet', parquet({ id: 'string' }, [{ id: 'x' }]));
    const { code, out } = await sync('plan');
    expect(code).toBe(3);
    const because = `because of ${root}/orders/2019/09/01/02/wider.parquet`;
    for (const line of [
      `  ~ column id int -> bigint  ${because}`,
      `  ~ column price decimal(9,2) -> decimal(12,2)  ${because}`,
      `  + column note string  ${because}`,
      '    every partition gets the new types (CASCADE), since Hive reads each partition by its own',
    ])
      expect(out.split('\n')).toContain(line);
    expect(out).toMatch(/\n {2}\+ partition year=2019\/month=09\/day=01\/hour=02 /);
    expect(out).toMatch(/\n {2}! column id is string in \S+\/03\/text\.parquet and bigint in /);
    expect(out).toContain('does it; 2 problems, named above. ');
    expect(out).toMatch(/\n {2}! year=2019\/month=09\/day=01\/hour=03 is not registered while 1 of its 1 files/);

    const applied = await sync('apply', '--json');
    expect(applied.code).toBe(3);
    expect(JSON.parse(applied.out)).toMatchObject({
      status: 'partial',
      tables: [{ table: `${database}.orders`, evolved: 3, added: 1 }],
    });
    expect(await lake.ids('orders')).toEqual([1, 1, 2]);
    expect(await lake.sql('SELECT note FROM DB.orders WHERE id = 2')).toEqual([{ note: 'n' }]);
    await lake.clients.hdfs.remove(`${root}/orders/2019/09/01/03`, { recursive: true });
  });
});

describe('a plan that was approved', () => {
  const approve = async (): Promise<string> => {
    const file = join(temp, 'plan.json');
    writeFileSync(file, (await sync('plan', '--full', '--topic', 'approved', '--json')).out);
    return file;
  };

  test('is made as it was asked for, while it is true', async () => {
    await lake.put('approved/2019/09/01/00/data.parquet', orders);
    await lake.put('unasked/2019/09/01/00/data.parquet', orders);
    const { code, out } = await sync('apply', '--plan', await approve());
    expect([code, out]).toEqual([0, expect.stringContaining(`${database}.approved  created, 1 partition added\n`)]);
    expect(await lake.clients.metastore.table(database, 'unasked')).toBeUndefined();
  });

  test('is refused after the lake changed, and nothing is written', async () => {
    await lake.put('approved/2019/09/01/01/data.parquet', orders);
    const file = await approve();
    await lake.put('approved/2019/09/01/02/data.parquet', orders);
    const { code, err } = await sync('apply', '--plan', file);
    expect([code, err]).toEqual([
      1,
      'plan.stale: the plan is not what would be done now: the lake changed since it was made; plan again\n',
    ]);
    expect(await lake.clients.metastore.partitionNames(database, 'approved')).toHaveLength(1);
  });

  test('is refused when it is none', async () => {
    const file = join(temp, 'none.json');
    writeFileSync(file, '{"tables": []}');
    for (const name of [file, join(temp, 'missing.json'), config]) {
      const { code, err } = await sync('apply', '--plan', name);
      expect([code, err]).toEqual([2, expect.stringContaining(`${name} is not a plan from sync plan --json`)]);
      expect(err.trim().split('\n')).toHaveLength(1);
    }
  });
});

describe('where to look', () => {
  beforeAll(async () => {
    for (const topic of ['here', 'there']) await lake.put(`${topic}/2019/09/01/00/data.parquet`, orders);
    await lake.put('here/2018/01/01/00/data.parquet', orders);
  });

  test('--topic names topics; one that is not there is told by name', async () => {
    const { code, out } = await sync('plan', '--topic', 'here', 'nowhere');
    expect([code, out]).toEqual([3, expect.stringContaining(`! there is no folder for the topic nowhere in ${root}`)]);
    expect(out).toContain(`${database}.here`);
    expect(out).not.toContain(`${database}.there`);
  });

  test('--topic of a hidden name is told to be left alone', async () => {
    const { code, out } = await sync('plan', '--topic', '../here', '_temporary');
    expect([code, out]).toEqual([0, expect.stringContaining('the topic ../here is left alone: its name is that of a')]);
    expect(out).toContain('the topic _temporary is left alone');
  });

  test('--path that leads nowhere is told, not taken for nothing to do', async () => {
    const paths = ['2018/02', '2018/01/01/07', '2018/01/01/08/data.parquet', '2020'].map(
      (path) => `${root}/here/${path}`,
    );
    const { code, out } = await sync('plan', '--path', ...paths);
    expect(code).toBe(0);
    for (const path of paths) expect(out).toContain(`there is no partition at ${path.replace('/data.parquet', '')}`);
  });

  test('--path names files and folders; --partitions counts from the newest', async () => {
    const [path, newest] = await Promise.all([
      sync('plan', '--path', `${root}/here/2018/01/01/00/data.parquet`),
      sync('plan', '--topic', 'here', '--partitions', '1'),
    ]);
    expect([path.code, newest.code]).toEqual([0, 0]);
    expect(path.out.match(/partition \S+/g)).toEqual(['partition year=2018/month=01/day=01/hour=00']);
    expect(newest.out.match(/partition \S+/g)).toEqual(['partition year=2019/month=09/day=01/hour=00']);
  });

  test('names from the lake cannot steer the terminal, and pipes get no colours', async () => {
    const topic = 'evil\u001b[31m\u202etopic';
    await lake.put(`${topic}/2019/09/01/00/data.parquet`, orders);
    const run = await sync('plan');
    await lake.clients.hdfs.remove(`${root}/${topic}`, { recursive: true });
    expect(run.out).toContain('evil\\u001b[31m\\u202etopic');
    // oxlint-disable-next-line no-control-regex -- controls are what must not be there
    expect(run.out + run.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test('colours come where they are asked for, and NO_COLOR ends them', async () => {
    const args = ['sync', 'plan', '--topic', 'here', '--config', config];
    const [colours, none] = await Promise.all(
      [{ FORCE_COLOR: '1' }, { NO_COLOR: '1' }].map((env) => lakewarden(args, { cwd: temp, env })),
    );
    expect(colours?.out).toContain('\u001b[32m  + create external table');
    expect(`${none?.out}${none?.err}`).not.toContain('\u001b');
  });
});

describe('what cannot be done is one clear line and an exit code', () => {
  const broken = {
    root: 'golden',
    recentPartition: 3,
    hdfs: { addresses: [], defaultFs: 'hdfs://lake', usr: 'x' },
    metastore: { uris: ['ftp://lake:9083'] },
  };

  test.each([
    ['a misspelt option', ['plan', '--ful'], "unknown option '--ful'\n(Did you mean --full?)"],
    ['an unknown command', ['plam'], 'plan'],
    ['a count that is none', ['plan', '--partitions', 'abc'], 'Expected a whole number from 1 to 10000'],
    ['a count of nothing', ['plan', '--partitions', '0'], 'Expected a whole number from 1 to 10000'],
    ['a path outside the root', ['plan', '--path', '/elsewhere/x'], '/elsewhere/x is not below the root'],
    ['a path that is not absolute', ['plan', '--path', 'clicks/2019'], 'clicks/2019'],
    ['a path with ..', ['apply', '--path', '/golden/../x'], '..'],
    ['paths and topics', ['plan', '--path', '/golden/x', '--topic', 'x'], 'cannot be used with'],
    ['a whole walk of a few', ['plan', '--full', '--partitions', '3'], 'cannot be used with'],
    ['a plan with other options', ['apply', '--plan', 'plan.json', '--full'], 'cannot be used with'],
  ])('%s', async (_name, args, reason) => {
    const { code, out, err } = await sync(...args);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(reason)]);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('settings with faults: all of them at once, with a hint for a misspelt key', async () => {
    const file = writeSettings(temp, 'broken', broken);
    const { code, err } = await lakewarden(['sync', 'plan', '--config', file], { cwd: temp });
    expect(code).toBe(2);
    for (const part of [
      '5 faults',
      'root',
      'recentPartition',
      'did you mean recentPartitions?',
      'hdfs.addresses',
      'hdfs.usr',
      'did you mean user?',
      'metastore.uris.0',
    ])
      expect(err).toContain(part);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  test('settings by LAKEWARDEN_CONFIG; no settings and no lake', async () => {
    const [given, none] = await Promise.all([
      lakewarden(['sync', 'plan', '--topic', 'orders'], { cwd: temp, env: { LAKEWARDEN_CONFIG: config } }),
      lakewarden(['sync', 'plan'], { cwd: temp }),
    ]);
    expect([given.code, given.out]).toEqual([0, expect.stringContaining(`${database}.orders`)]);
    expect([none.code, none.err]).toEqual([
      2,
      expect.stringContaining('no lake runs in .lake/default (lakewarden lake up'),
    ]);
  });

  test.each(['hdfs', 'metastore'])('a lake whose %s is away', async (part) => {
    const port = await findFreePort();
    const { hdfs, metastore } = writtenSettings(lake) as Record<string, object>;
    const file = writeSettings(temp, `without-${part}`, {
      ...writtenSettings(lake),
      ...(part === 'hdfs'
        ? { hdfs: { ...hdfs, addresses: [`http://127.0.0.1:${port}`], deadlineSeconds: 2 } }
        : { metastore: { ...metastore, uris: [`thrift://127.0.0.1:${port}`] } }),
    });
    const { code, out, err } = await lakewarden(['sync', 'plan', '--topic', 'here', '--config', file], { cwd: temp });
    expect([code, out]).toEqual([1, '']);
    const lines = err
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('looking at'));
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${part}\\.unavailable: .*127\\.0\\.0\\.1:${port}`))]);
  });

  test('a root that is not there, or holds nothing, says what to do', async () => {
    const [missing, empty] = [`${root}-missing`, `${root}-empty`];
    await lake.clients.hdfs.mkdirs(empty);
    const plan = (name: string, folder: string): Promise<CliRun> => {
      const file = writeSettings(temp, name, { ...writtenSettings(lake), root: folder });
      return lakewarden(['sync', 'plan', '--config', file], { cwd: temp });
    };
    expect(await plan('missing', missing)).toEqual({
      code: 1,
      out: '',
      err: `hdfs.not_found: there is no root folder ${missing} in ${lake.settings.hdfs.defaultFs}: create it, or name another by the setting root\n`,
    });
    const { code, out } = await plan('empty', empty);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`there is no topic in ${empty}. 1 HDFS call, 0 metastore`),
    ]);
  });

  test('a sink that takes no events: the change is made, and the terminal tells', async () => {
    await lake.put('deaf/2019/09/01/00/data.parquet', orders);
    await sync('apply', '--topic', 'deaf');
    await lake.put('deaf/2019/09/01/01/data.parquet', orders);
    const env = { K_SINK: `http://127.0.0.1:${await findFreePort()}` };
    const { code, out, err } = await lakewarden(['sync', 'apply', '--topic', 'deaf', '--config', config], {
      cwd: temp,
      env,
    });
    expect([code, out]).toEqual([0, expect.stringContaining('1 partition added')]);
    expect(err).toContain(`the event dev.lakewarden.partitions.added of ${database}.deaf was not delivered`);
  });
});

test('lake status of a lake that never was is 3, as text and as data', async () => {
  const [text, data] = await Promise.all([
    lakewarden(['lake', 'status', '--name', 'never'], { cwd: temp }),
    lakewarden(['lake', 'status', '--name', 'never', '--json'], { cwd: temp }),
  ]);
  expect([text.code, text.out]).toEqual([3, expect.stringMatching(/^lake in \S+\/\.lake\/never: down\n$/)]);
  expect([data.code, JSON.parse(data.out)]).toEqual([3, expect.objectContaining({ state: 'down', processes: [] })]);
});

test('--help tells the commands and the exit codes', async () => {
  const { code, out } = await lakewarden(['--help'], { cwd: temp });
  expect(code).toBe(0);
  for (const part of ['lake ', 'sync ', 'Exit codes:', '  4  only with plan --exit-code']) expect(out).toContain(part);
});
