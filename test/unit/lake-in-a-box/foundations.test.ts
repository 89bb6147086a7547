import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { renderProperties, renderSiteXml } from '#lake-in-a-box/conf-files.ts';
import { renderJavaArguments } from '#lake-in-a-box/jvm.ts';
import { completeParts } from '#lake-in-a-box/lake.ts';
import { tryLock, waitForLock } from '#lake-in-a-box/lock.ts';
import { choosePorts, portNames } from '#lake-in-a-box/ports.ts';
import { identifyProcess, isRunning, readResidentMemory, stopProcess } from '#lake-in-a-box/process.ts';

describe('completeParts', () => {
  test('adds what the parts need, each after what it needs', () => {
    expect(completeParts(['hiveserver'])).toEqual(['hdfs', 'postgres', 'metastore', 'hiveserver']);
    expect(completeParts(['standby'])).toEqual(['hdfs', 'standby']);
    expect(completeParts(['connect', 'hdfs'])).toEqual(['hdfs', 'kafka', 'connect']);
  });
});

describe('choosePorts', () => {
  test('gives each socket a port of its own, keeps the free ones, and replaces a taken one', async () => {
    const first = await choosePorts({});
    expect(new Set(portNames.map((name) => first[name])).size).toBe(portNames.length);
    expect(await choosePorts(first)).toEqual(first);

    const stranger = createServer().listen(first.metastore, '127.0.0.1');
    await once(stranger, 'listening');
    const { metastore, ...others } = await choosePorts(first);
    expect(metastore).not.toBe(first.metastore);
    expect(first).toMatchObject(others);
    stranger.close();
  });
});

describe('a lock', () => {
  test('has one holder, and the next one waits', async () => {
    const name = `test of ${process.pid}`;
    const release = await tryLock(name);
    expect(await tryLock(name)).toBeUndefined();
    expect(await tryLock(`${name}, another`)).toBeDefined();
    const told: string[] = [];
    const next = waitForLock(name, () => told.push('waiting'), AbortSignal.timeout(10_000));
    while (told.length === 0) await setImmediate();
    expect(told).toEqual(['waiting']);
    release?.();
    (await next)();
  });

  test('is free again when its holder was killed', async () => {
    const name = `killed holder of ${process.pid}`;
    const source = `
      import { tryLock } from '#lake-in-a-box/lock.ts';
      process.stdout.write(String(await tryLock('${name}') !== undefined));
      setInterval(() => {}, 1000);
    `;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(String(await once(holder.stdout, 'data'))).toBe('true');
    expect(await tryLock(name)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await tryLock(name)).toBeDefined();
  });
});

describe('a process', () => {
  test('is known by its number and its start, and is killed when it does not listen', async () => {
    const source = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('ready')";
    const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const identity = identifyProcess(child.pid!)!;
    expect(readResidentMemory(identity.pid)).toBeGreaterThan(0);
    const later = { ...identity, startTime: `${identity.startTime}0` };
    expect([isRunning(identity), isRunning(later)]).toEqual([true, false]);

    await stopProcess(later);
    expect(isRunning(identity)).toBe(true);
    await stopProcess(identity, 'SIGTERM', 100);
    expect([isRunning(identity), readResidentMemory(identity.pid)]).toEqual([false, 0]);
    expect(identifyProcess(2 ** 22 + 1)).toBeUndefined();
  });
});

describe('configuration', () => {
  test('is escaped for XML and for an argument file', () => {
    expect(renderSiteXml({ a: 'x<&>y', b: 1 })).toBe(
      '<configuration>\n  <property><name>a</name><value>x&lt;&amp;&gt;y</value></property>\n  <property><name>b</name><value>1</value></property>\n</configuration>\n',
    );
    expect(renderProperties({ a: true, 'b.c': 'd' })).toBe('a=true\nb.c=d\n');
    const text = renderJavaArguments({ mainClass: 'Main', classPath: ['/a b/c.jar', '/"d\\'], heap: 64, args: ['x'] });
    expect(text.trim().split('\n').slice(-4)).toEqual(['"-cp"', String.raw`"/a b/c.jar:/\"d\\"`, '"Main"', '"x"']);
    expect(text).toContain('"-Duser.timezone=UTC"\n');
  });
});
