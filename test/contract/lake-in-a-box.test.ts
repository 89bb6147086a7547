import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLake } from '#lake-in-a-box/lake.ts';
import { identifyProcess, isRunning } from '#lake-in-a-box/process.ts';
import { readRecord, writeRecord, type LakeRecord } from '#lake-in-a-box/record.ts';
import { lakeStatus, type LakeStatus } from '#lake-in-a-box/status.ts';
import { removeLake, stopLake } from '#lake-in-a-box/stop.ts';
import { lake } from '../support/lake.ts';

// A second lake, of HDFS alone, goes through its life in one folder: each test takes it over from the one before.
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lakewarden-second-'));
  chmodSync(folder, 0o755);
});
afterAll(async () => {
  await stopLake(folder);
  removeLake(folder);
});

/** Runs a module in a process of its own, since a supervisor is to be interrupted and killed here. */
function runModule(source: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function runCommand(...args: string[]): ChildProcess {
  const words = JSON.stringify(['lake', ...args, '--folder', folder]);
  return runModule(`
    import { Command } from 'commander';
    import { lakeCommand } from './cli/lake.ts';
    await new Command().addCommand(lakeCommand()).parseAsync(${words}, { from: 'user' });
  `);
}

async function finish(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout!), text(child.stderr!)]);
  return { code: code as number | null, stdout, stderr };
}

function recordOf(): LakeRecord {
  const record = readRecord(folder);
  if (record === undefined) throw new Error('the lake has no record');
  return record;
}

function running(): string[] {
  return recordOf()
    .processes.filter((process) => isRunning(process))
    .map(({ name }) => name);
}

async function waitFor(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited for a minute');
    await sleep(20);
  }
}

async function askHdfs(method: string, path: string, operation: string): Promise<number> {
  const url = `${recordOf().addresses.webhdfs}/webhdfs/v1${path}?op=${operation}&user.name=root`;
  return (await fetch(url, { method })).status;
}

/** The addresses on which a process listens, in the hexadecimal of `/proc/net/tcp`. */
function listeningAddresses(pid: number): string[] {
  const fds = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  const sockets = new Set(fds);
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/net/${table}`, 'latin1').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && sockets.has(`socket:[${fields[9]}]`))
    .map((fields) => fields[1]?.split(':')[0] ?? '');
}

describe('a lake in a box', () => {
  test('runs beside another one, on ports of its own, which it keeps', async () => {
    const { code, stdout } = await finish(runCommand('up', '--parts', 'hdfs', '--json'));
    expect(code).toBe(0);
    const status = JSON.parse(stdout) as LakeStatus;
    expect(status).toMatchObject({ state: 'up', parts: ['hdfs'] });
    expect(status.processes.map(({ name, state }) => [name, state])).toEqual([
      ['namenode', 'running'],
      ['datanode', 'running'],
    ]);
    expect(status.processes.every(({ memory }) => memory > 50)).toBe(true);
    expect(status.addresses.webhdfs).not.toBe(lake().webhdfs);
    expect(await askHdfs('PUT', '/kept', 'MKDIRS')).toBe(200);

    const again = await finish(runCommand('up', '--parts', 'hdfs', '--json'));
    const { processes } = JSON.parse(again.stdout) as LakeStatus;
    expect(processes.map(({ pid }) => pid)).toEqual(status.processes.map(({ pid }) => pid));
  });

  test('starts from the classes that earlier lakes of the tests have kept', () => {
    // The lake of all tests runs the same programs, and kept their classes if that was not done before.
    for (const { name, pid } of recordOf().processes)
      expect([name, readFileSync(`/proc/${pid}/maps`, 'utf8')]).toEqual([
        name,
        expect.stringMatching(/\/class-archives\/.*\.jsa$/m),
      ]);
  });

  test('listens on loopback only', () => {
    const loopback = /^(?:0100007F|0{16}FFFF00000100007F|0{24}01000000)$/;
    for (const record of [recordOf(), readRecord(lake().folder)]) {
      for (const { name, pid } of record?.processes ?? []) {
        const addresses = listeningAddresses(pid);
        expect([name, addresses.length > 0, addresses.filter((a) => !loopback.test(a))]).toEqual([name, true, []]);
      }
    }
  });

  test('is stopped without a trace, and tells so', async () => {
    const { addresses } = recordOf();
    expect((await finish(runCommand('down'))).code).toBe(0);
    expect(running()).toEqual([]);
    const status = await finish(runCommand('status'));
    expect([status.code, status.stdout]).toEqual([3, expect.stringContaining(`lake in ${folder}: down`)]);
    expect(recordOf().addresses).toEqual(addresses);
  });

  test('keeps its data and addresses, is held by one supervisor, and ends with it, even when it is killed', async () => {
    const { addresses } = recordOf();
    const options = JSON.stringify({ folder, parts: ['hdfs'], keepData: true });
    const supervisor = runModule(`
      import { startLake } from '#lake-in-a-box/lake.ts';
      await startLake(${options});
      process.stdout.write('up');
      setInterval(() => {}, 1000);
    `);
    await once(supervisor.stdout!, 'data');
    expect(recordOf().addresses).toEqual(addresses);
    expect(await askHdfs('GET', '/kept', 'GETFILESTATUS')).toBe(200);
    await expect(startLake({ folder, parts: ['hdfs'] })).rejects.toMatchObject({ code: 'lake.failed' });
    expect(running()).toEqual(['namenode', 'datanode']);

    supervisor.kill('SIGKILL');
    await waitFor(() => running().length === 0);
  });

  test('names the part that fails while it starts, with the end of its log, and leaves nothing running', async () => {
    const version = join(folder, 'data', 'namenode', 'current', 'VERSION');
    writeFileSync(version, 'not a version\n');
    await expect(startLake({ folder, parts: ['hdfs'], keepData: true })).rejects.toMatchObject({
      code: 'lake.failed',
      message: expect.stringMatching(/^namenode ended with exit code 1; the end of .*namenode\.log:\n.+/s),
    });
    expect(running()).toEqual([]);
  });

  test('is stopped by an interrupt of its start', async () => {
    const up = runCommand('up', '--parts', 'hdfs', '--fresh');
    const result = finish(up);
    await waitFor(() => running().includes('namenode'));
    up.kill('SIGINT');
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([1, expect.stringContaining('stopped by SIGINT')]);
    expect(running()).toEqual([]);
  });

  test('starts afresh over the remains of one that crashed, and kills no stranger', async () => {
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    const { pid } = stranger;
    const remains = recordOf();
    remains.state = 'starting';
    // The number of a dead process of the lake now belongs to somebody else.
    remains.processes = remains.processes.map((process) => ({ ...process, pid: pid! }));
    writeRecord(folder, remains);
    expect(lakeStatus(folder).state).toBe('down');

    const second = await startLake({ folder, parts: ['hdfs'] });
    expect(identifyProcess(pid!)).toBeDefined();
    expect(isRunning(identifyProcess(pid!)!)).toBe(true);
    stranger.kill();
    expect(await askHdfs('GET', '/kept', 'GETFILESTATUS')).toBe(404);
    await second.stop();
    expect(running()).toEqual([]);

    expect((await finish(runCommand('down', '--remove'))).code).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });
});
