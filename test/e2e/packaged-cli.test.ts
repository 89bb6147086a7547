import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageCli, packTarball } from '../../tools/package-cli.ts';
import { lake as addresses } from '../support/lake.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const prefix = mkdtempSync(join(tmpdir(), 'lakewarden-installed-'));
afterAll(() => rmSync(prefix, { recursive: true }));

beforeAll(async () => {
  const { folder } = await packageCli(join(prefix, 'package'));
  const tarball = packTarball(folder, prefix);
  const install = ['install', '--global', '--offline', '--loglevel=error', '--prefix', join(prefix, 'node'), tarball];
  execFileSync('npm', install, { cwd: prefix, stdio: 'pipe' });
  mkdirSync(join(prefix, 'work'));
});

/** Runs an installed program as a shell finds it, on Node and nothing else. */
function run(program: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const path = `${join(prefix, 'node/bin')}:${join(process.execPath, '..')}`;
  const options = { cwd: join(prefix, 'work'), env: { PATH: path }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { code: status, out: stdout, err: stderr };
}

test('installed from its tarball, it plans and applies on a real lake', async () => {
  await lake.put('orders/2019/09/01/00/data.parquet', parquet({ id: 'int' }, [{ id: 1 }]));
  const config = writeSettings(prefix, 'sync', writtenSettings(lake));
  const plan = run('lakewarden', 'sync', 'plan', '--full', '--config', config);
  expect([plan.code, plan.out.includes('+ partition year=2019/month=09/day=01/hour=00')]).toEqual([0, true]);
  expect(run('lakewarden', 'sync', 'apply', '--full', '--config', config).code).toBe(0);
  expect(await lake.clients.metastore.tables(lake.database)).toEqual(['orders']);
});

test('what it reads on demand is in the package: Kafka’s client', () => {
  const settings = { topics: ['none-of-this-name-*'], kafka: { brokers: [addresses().kafka] } };
  const config = writeSettings(prefix, 'triage', settings);
  expect(run('lakewarden', 'triage', 'plan', '--config', config)).toMatchObject({ code: 0, out: 'no letter waits\n' });
});

test('as a plugin of kn it calls itself what people type', () => {
  expect(run('kn-lakewarden', 'sync', 'plan', '--help').out).toMatch(/^Usage: kn lakewarden sync plan /);
  expect(run('lakewarden', 'sync', 'plan', '--help').out).toMatch(/^Usage: lakewarden sync plan /);
});

test('the one command that needs the repository says so', () => {
  const { code, err } = run('lakewarden', 'lake', 'up', '--fresh');
  expect([code, err.includes('a clone of the repository')]).toEqual([2, true]);
});
