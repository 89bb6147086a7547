import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { type Lake, startLake } from '#lake-in-a-box/lake.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { HiveServer } from '#shared/hive/hiveserver.ts';
import type { Row } from '#shared/hive/hiveserver-rows.ts';
import { settingsOfLake } from '../cli/sync-settings.ts';
import { count, duration, paint, printable, size } from '../cli/terminal.ts';
import { type DemoFile, flightFiles, hostileFile, laterFlightFiles, quakeFiles } from './data.ts';
import { eventHeaders, type FunctionProcess, startFunction } from '../test/support/function-process.ts';
import { EventScreen } from './event-screen.ts';
import { say, showBars, showRows, step } from './screen.ts';

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-demo-'));
// PostgreSQL runs as a user of its own, who must be able to reach its data.
chmodSync(folder, 0o755);
const cleanups: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
let ending: Promise<void> | undefined;

/** Stops all that was started, last first, once. */
function end(): Promise<void> {
  ending ??= (async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  })();
  return ending;
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log(`\n\nStopping: the lake and everything of this demo goes away …`);
    void end().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  });
}

try {
  await tellTheStory();
} catch (error) {
  if (ending === undefined) {
    console.error(`\n${paint('red', `The demo stopped: ${printable((error as Error).message)}`, process.stderr)}`);
    const keep = process.env['KEEP_LOGS'] === '1';
    console.error(keep ? `Logs are in ${folder}.` : 'KEEP_LOGS=1 make demo keeps the logs and says where they are.');
    if (keep) cleanups.shift();
    process.exitCode = 1;
  }
} finally {
  await end();
}

async function tellTheStory(): Promise<void> {
  console.log(paint('bold', 'Lakewarden: metastore-sync on a real lake on this machine'));
  say(
    'HDFS, a Hive metastore on PostgreSQL and HiveServer2 start as plain processes; nothing is installed, all goes away at the end.',
  );

  await step(
    'Bundle the function, as a platform team would deploy it',
    async () => execFileSync(process.execPath, ['tools/package.ts'], { stdio: 'pipe' }),
    () => 'functions/metastore-sync/dist is complete in itself',
  );
  const lake = await step(
    'Start the lake (the very first time its jars are downloaded from Maven Central, about 480 MB)',
    startTheLake,
    ({ addresses }) => `WebHDFS ${addresses.webhdfs}, metastore ${addresses.metastore}, Hive ${addresses.hiveserver}`,
  );
  const hdfs = new WebHdfs({ addresses: [lake.addresses.webhdfs as string], user: superuser });
  const hive = new HiveServer({ url: lake.addresses.hiveserver as string, user: 'hive' });
  cleanups.push(
    () => hdfs.close(),
    () => hive.close(),
  );

  const screen = new EventScreen();
  const sink = await screen.start();
  cleanups.push(() => screen.stop());
  const sync = await step(
    'Start metastore-sync',
    async () =>
      startFunction({
        entry: '',
        cwd: 'functions/metastore-sync/dist',
        command: ['node', 'index.cjs'],
        env: { LAKEWARDEN_CONFIG: writeSettings(settingsOfLake(lake.addresses)), K_SINK: sink },
      }),
    ({ port, startedIn }) =>
      `it waits for CloudEvents at http://127.0.0.1:${port}, ready after ${Math.round(startedIn)} ms`,
  );
  cleanups.push(async () => {
    await sync.end();
    writeFileSync(join(folder, 'metastore-sync.log'), sync.output());
  });

  await step(
    'Write two days of flights and a week of earthquakes, cut into hours',
    (tell) => writeFiles(hdfs, [...flightFiles(), ...quakeFiles()], tell),
    (text) => text,
  );
  await ring(
    'Ring the bell, as a cron PingSource does: "look at everything"',
    sync,
    'dev.knative.sources.ping',
    { scope: 'full' },
    screen,
  );

  await query(hive, 'SHOW TABLES');
  await query(
    hive,
    'SELECT day, count(*) AS flights, max(delay) AS worst_delay, round(avg(distance)) AS miles FROM flights GROUP BY day ORDER BY day',
  );
  const quakes = await query(
    hive,
    'SELECT place, magnitude, depth, felt FROM earthquakes ORDER BY magnitude DESC LIMIT 5',
  );
  if (quakes.length !== 5) throw new Error('Hive did not answer five earthquakes');
  const hours = await hive.query(
    "SELECT hour, count(*) AS flights FROM flights WHERE day = '02' GROUP BY hour ORDER BY hour",
  );
  showBars(
    'flights per hour on the second day, asked from Hive',
    hours.map((row) => [String(row['hour']), Number(row['flights'])]),
  );

  const later = laterFlightFiles();
  await step(
    'The next day brings a new column (late) and larger types (delay smallint to int, distance int to bigint)',
    (tell) => writeFiles(hdfs, later, tell),
    (text) => text,
  );
  await ring(
    'Ring the bell with the files by name, as an ingestion job does',
    sync,
    'dev.lakewarden.file.closed',
    { paths: later.map((file) => file.path) },
    screen,
  );
  await query(
    hive,
    "SELECT day, departure, delay, distance, late FROM flights WHERE hour = '09' AND distance > 1800 ORDER BY departure",
  );

  const hostile = hostileFile();
  await step(
    'Somebody writes delay as text',
    (tell) => writeFiles(hdfs, [hostile], tell),
    (text) => text,
  );
  await ring(
    'Ring the bell: it is refused by name, the table stays right',
    sync,
    'dev.lakewarden.file.closed',
    { path: hostile.path },
    screen,
  );
  await query(hive, 'SELECT count(*) AS flights FROM flights WHERE delay > 60');
  await ring(
    'Ring once more for the same files: nothing to do, nothing written',
    sync,
    'dev.lakewarden.file.closed',
    { paths: later.map((file) => file.path) },
    screen,
  );

  console.log(
    `\n${paint('bold', 'That was it')}, ${duration(performance.now() - started)} in all. Nobody created a table by hand.`,
  );
  tellWhatNext();
  await askAround(hive);
}

async function startTheLake(tell: (text: string) => void): Promise<Lake> {
  const lake = await startLake({
    folder: join(folder, 'lake'),
    parts: ['hdfs', 'metastore', 'hiveserver'],
    onProgress: tell,
  });
  cleanups.push(() => lake.stop());
  return lake;
}

function writeSettings(settings: unknown): string {
  const file = join(folder, 'metastore-sync.json');
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

async function writeFiles(hdfs: WebHdfs, files: readonly DemoFile[], tell: (text: string) => void): Promise<string> {
  let done = 0;
  const queue = [...files];
  const writer = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      await hdfs.create(file.path, file.bytes);
      done += 1;
      if (done % 25 === 0) tell(`${done} of ${files.length} files`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  const bytes = files.reduce((total, file) => total + file.bytes.length, 0);
  const rows = files.reduce((total, file) => total + file.rows, 0);
  return `${count(files.length, 'file')}, ${count(rows, 'row')}, ${size(bytes)}, such as ${files[0]?.path}`;
}

async function ring(
  title: string,
  sync: FunctionProcess,
  type: string,
  data: object,
  screen: EventScreen,
): Promise<void> {
  const answer = await step(
    title,
    async () => {
      const headers = {
        ...eventHeaders(type),
        'ce-source': '/demo',
        'content-type': 'application/json',
        accept: 'application/json',
      };
      const { status, body } = await sync.send({ headers, body: JSON.stringify(data) });
      if (status >= 400) throw new Error(`metastore-sync answered ${status}: ${body}`);
      return (JSON.parse(body) as { result: { status: string; problems: { message: string }[] } }).result;
    },
    (outcome) => `${type}: ${outcome.status}`,
  );
  for (const problem of answer.problems) say(paint('yellow', `! ${printable(problem.message)}`));
  for (const { type: name, subject, data: told } of screen.take())
    say(paint('dim', `event ${name.padEnd(34)} ${subject} ${describe(name, told)}`));
}

function describe(type: string, data: Record<string, unknown>): string {
  if (type.includes('.partitions.')) return count((data['partitions'] as unknown[]).length, 'partition');
  if (type.endsWith('table.evolved'))
    return (data['changes'] as { column: string; from?: string; to: string }[])
      .map(({ column, from, to }) => `${column} ${from ?? '(new)'} -> ${to}`)
      .join(', ');
  if (type.endsWith('sync.completed'))
    return [data['status'], JSON.stringify(data['calls']), `${Number(data['seconds'])} s`].join(', ');
  return '';
}

async function query(hive: HiveServer, sql: string): Promise<readonly Row[]> {
  const rows = await step(
    paint('cyan', `hive> ${sql};`),
    async () => hive.query(sql),
    (found) => count(found.length, 'row'),
  );
  showRows(rows);
  return rows;
}

function tellWhatNext(): void {
  say(
    'Try next:',
    '  npx lakewarden lake up            a lake of your own that stays; put Parquet below /golden/<topic>/yyyy/MM/dd/HH',
    '  npx lakewarden sync plan --full   what would change, like a diff',
    '  npx lakewarden sync apply --full  do it',
    '  make test                         everything, proven on real services',
    '  README.md                         what it is, its settings, events and limits',
  );
}

/** Lets somebody who watches ask Hive; ends at once when nobody can. */
async function askAround(hive: HiveServer): Promise<void> {
  if (!process.stdin.isTTY) return;
  say('', 'The lake is still up. Ask Hive yourself, or press Enter to stop it.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ask = (): Promise<string> =>
    new Promise((resolve) => {
      terminal.once('close', () => resolve(''));
      terminal.question('hive> ', resolve);
    });
  for (let sql = await ask(); sql.trim() !== ''; sql = await ask()) {
    try {
      showRows(await hive.query(sql.trim().replace(/;$/, '')));
    } catch (error) {
      say(paint('red', printable((error as Error).message)));
    }
  }
  terminal.close();
}
