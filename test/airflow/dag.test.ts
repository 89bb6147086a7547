import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { packageFunction } from '../../tools/package.ts';
import { providePackages } from '../engines/downloads.ts';
import { commandsFor } from '../support/command-holders.ts';
import { startFunction } from '../support/function-process.ts';
import { lake } from '../support/lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { readShell } from '../support/shell-words.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const packages = ['apache-airflow==3.3.2', 'apache-airflow-providers-http==6.3.0'];
const file = join(import.meta.dirname, '../../manifests/airflow/lakewarden_dag.py');
const dagId = 'lakewarden_clicks_report';
const golden = useSyncLake();
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-airflow-'));
const token = 'let-airflow-in';
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  const site = await providePackages(packages, (line) => console.log(line), AbortSignal.timeout(1_800_000));
  mkdirSync(join(folder, 'dags'));
  copyFileSync(file, join(folder, 'dags', 'lakewarden_dag.py'));
  environment = {
    PATH: process.env['PATH'],
    PYTHONPATH: site,
    AIRFLOW_HOME: folder,
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
  };
}, 1_800_000);
afterAll(() => rmSync(folder, { recursive: true }));

function airflow(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)('python3', ['-m', 'airflow', ...args], {
    env: environment,
    cwd: folder,
    maxBuffer: 1 << 26,
  });
}

test('the example DAG, run by Airflow, syncs before its job starts, as a known sender', async () => {
  const { webhdfs, defaultFs, metastore } = lake();
  const { root, database } = golden;
  const target = join(folder, 'metastore-sync');
  await packageFunction(join(import.meta.dirname, '../../functions/metastore-sync'), target);
  writeFileSync(join(folder, 'token'), token);
  const settings = {
    root,
    database,
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
    metastore: { uris: [metastore], user: superuser },
    host: { tokenFiles: [join(folder, 'token')] },
  };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
  const env = { LAKEWARDEN_CONFIG: join(folder, 'settings.json') };
  const command = [process.execPath, 'index.cjs'] as const;
  const sync = await startFunction({ entry: target, cwd: target, command, env });
  try {
    await golden.put('clicks/2019/09/01/01/data.snappy.parquet', parquetBytes({ id: 'int' }, [{ id: 1 }]));
    await airflow(['db', 'migrate']);
    // The commands of the page, for the address and the job that are here.
    const here: Readonly<Record<string, string>> = {
      'metastore-sync.lake.svc.cluster.local': '127.0.0.1',
      '80': String(sync.port),
      'spark-submit --deploy-mode cluster clicks_report.py': 'echo the job runs',
    };
    for (const { line } of commandsFor('test/airflow/dag.test.ts')) {
      const [typed] = readShell(line);
      const words = (typed?.args ?? []).map((word) => here[word] ?? word);
      const extra = ['--conn-extra', JSON.stringify({ Authorization: `Bearer ${token}` })];
      await airflow([...words, ...(words[0] === 'connections' ? extra : [])]);
    }
    const { stdout, stderr } = await airflow(['dags', 'test', dagId, '2026-01-02']);
    expect(stdout + stderr).toMatch(/the job runs[\s\S]*state=success/);
    expect(await golden.sql('SELECT count(*) AS n FROM DB.clicks')).toEqual([{ n: 1n }]);
    const [told] = await sync.logged({ result: 'done' });
    expect(told).toMatchObject({ event: { source: `/airflow/${dagId}`, type: 'dev.knative.sources.ping' } });
  } finally {
    await sync.end();
  }
}, 600_000);

const counts = { created: 0, evolved: 0, added: 2, changed: 0, dropped: 0, warnings: 0, left: [], problems: [] };
const answers = [
  [200, { status: 'done', result: counts }, 'done', { status: 'done', added: 2 }],
  [200, { status: 'nothing', result: counts }, 'done', { status: 'nothing' }],
  [200, { status: 'partial', result: { ...counts, left: ['clicks'] } }, 'retry', 'time was up before clicks'],
  [200, { status: 'partial', result: { ...counts, problems: [{ message: 'a bad file' }] } }, 'fail', 'a bad file'],
  [503, { error: { code: 'hdfs.unavailable' } }, 'retry', 'hdfs.unavailable'],
  [500, {}, 'retry', '500'],
  [401, {}, 'fail', '401'],
  [422, { error: { code: 'config.invalid' } }, 'fail', 'config.invalid'],
  // A success without a body says that the task forgot to ask for one.
  [204, {}, 'fail', '204'],
] as const;

test('passing trouble is tried again, and what no second try mends fails at once', async () => {
  const script = spawn('python3', [join(import.meta.dirname, 'judge.py'), file], { env: environment, cwd: folder });
  script.stdin.end(answers.map(([status, body]) => `${JSON.stringify({ status, body })}\n`).join(''));
  const [out, err] = await Promise.all([text(script.stdout), text(script.stderr), once(script, 'exit')]);
  const told = out
    .split('\n')
    .filter((line) => line.startsWith('{"verdict"'))
    .map((line) => JSON.parse(line) as { verdict: string; told: unknown });
  expect([err, told.length]).toEqual([expect.anything(), answers.length]);
  for (const [index, [, , verdict, expected]] of answers.entries()) {
    const matcher =
      typeof expected === 'string' ? expect.stringContaining(expected) : expect.objectContaining(expected);
    expect(told[index]).toEqual({ verdict, told: matcher });
  }
}, 600_000);
