import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HiveServer } from '#shared/hive/hiveserver.ts';
import { duration, paint, printable } from '../cli/terminal.ts';
import { compact } from './compaction.ts';
import { evolve } from './evolution.ts';
import { findFindings } from './findings.ts';
import { ingest } from './ingest.ts';
import { raiseTheDead } from './letters.ts';
import { makeQueryable } from './queryable.ts';
import { act, say, showRows } from './screen.ts';
import { writePage } from './page.ts';
import { startSecondEngine } from './second-engine.ts';
import { type AtEnd, setStage } from './stage.ts';
import { Truth } from './truth.ts';

/** Where the last page lies, and stays. */
const page = 'build/demo/report.html';
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
  console.log(paint('bold', 'Lakewarden: four functions on a real lake on this machine'));
  say(
    'Every part is the real one, started as a plain process; nothing is installed, all goes away at the end.',
    'The very first time, about 650 MB of jars are downloaded from Maven Central.',
  );
  act(0, 'the stage');
  const atEnd: AtEnd = (cleanup) => void cleanups.push(cleanup);
  const stage = await setStage(folder, atEnd);
  const engines = { hive: stage.hive, trino: await startSecondEngine(stage, atEnd) };
  const truth = new Truth();
  act(1, 'events become files');
  const raw = await ingest(stage, truth);
  act(2, 'files become a table that nobody created');
  await makeQueryable(stage, engines, truth);
  await writePage(stage, 'Look at the whole lake as it is', join(folder, 'before.html'));
  act(3, 'many files become few, while somebody asks');
  await compact(stage, engines, truth);
  act(4, 'the writers change');
  await evolve(stage, engines, truth);
  act(5, 'what is open, owned by nobody, changed by hand');
  await findFindings(stage);
  act(6, 'why letters are dead, and how some live again');
  await raiseTheDead(stage, engines, raw, truth);
  act(7, 'all of it on one page');
  await writePage(stage, 'Look at the whole lake once more', page);

  console.log(
    `\n${paint('bold', 'That was it')}: ${stage.broker.count} events, ${duration(performance.now() - started)} in all. Every figure was checked.`,
  );
  tellWhatNext();
  await askAround(stage.hive);
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
