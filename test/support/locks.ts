import { expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Metastore } from '#shared/hive/metastore.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const beatMs = 100;
const client = pathToFileURL(join(import.meta.dirname, '../../shared/hive/metastore.ts')).href;

/** A process that takes a lock, says so, and keeps it until it is lost. */
async function startHolder(uri: string, name: string): Promise<{ child: ChildProcess; said: () => string }> {
  const script = `
    import { Metastore } from '${client}';
    const metastore = new Metastore({ uris: ['${uri}'], user: 'lake' });
    const keep = async ({ lost }) => {
      console.log('held');
      await new Promise((resolve) => lost.addEventListener('abort', resolve));
      console.log('lost', lost.reason.code);
    };
    await metastore.exclusively('${name}', keep, { beatMs: ${beatMs} });
    await metastore.close();`;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  while (!text.includes('held')) await once(child.stdout, 'data');
  return { child, said: () => text };
}

/** Tests the locks of a metastore. */
export function testLocks(uri: string): void {
  const open = (at = uri): Metastore => new Metastore({ uris: [at], user: 'lake' });
  let locks = 0;
  const newName = (): string => `test.${process.pid}_${Date.now()}_${(locks += 1)}`;

  test('of eight who want a lock one holds it at a time, and each gets its turn', async () => {
    const name = newName();
    let [holders, most] = [0, 0];
    const waited = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const metastore = open();
        const work = async (held: { waited: boolean }): Promise<boolean> => {
          most = Math.max(most, (holders += 1));
          await sleep(20);
          holders -= 1;
          return held.waited;
        };
        const waits = await metastore.exclusively(name, work);
        await metastore.close();
        return waits;
      }),
    );
    expect(most).toBe(1);
    expect(waited.filter((each) => !each)).toHaveLength(1);
  });

  test('who gives up waiting stands in nobody’s way', async () => {
    const [name, metastore] = [newName(), open()];
    await metastore.exclusively(name, async () => {
      const late = metastore.exclusively(name, () => Promise.resolve(), { waitMs: 300 });
      await expect(late).rejects.toMatchObject({ code: 'deadline.exceeded' });
      const ended = metastore.exclusively(name, () => Promise.resolve(), { signal: AbortSignal.timeout(300) });
      await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
    });
    const { calls } = metastore;
    await metastore.exclusively(name, ({ waited }) => Promise.resolve(expect(waited).toBe(false)));
    expect(metastore.calls - calls).toBe(2);
    await metastore.close();
  });

  test('a holder that lives keeps its lock for as long as it works', async () => {
    const [name, metastore] = [newName(), open()];
    const { child, said } = await startHolder(uri, name);
    const wait = metastore.exclusively(name, () => Promise.resolve(), { beatMs, waitMs: 4_000 });
    await expect(wait).rejects.toMatchObject({ code: 'deadline.exceeded' });
    expect(said()).not.toContain('lost');
    child.kill('SIGKILL');
    await metastore.close();
  });

  test('a lock whose holder was killed is taken over, and so is the place of one who waited', async () => {
    const [name, metastore] = [newName(), open()];
    const { child } = await startHolder(uri, name);
    const second = startHolder(uri, name);
    second.catch(() => {});
    await sleep(1_000);
    child.kill('SIGKILL');
    const got = metastore.exclusively(name, ({ waited }) => Promise.resolve(waited), { beatMs, waitMs: 30_000 });
    const next = await second;
    next.child.kill('SIGKILL');
    expect(await got).toBe(true);
    await metastore.close();
  });

  test('a holder that was frozen and overtaken is told that it lost its lock', async () => {
    const [name, metastore] = [newName(), open()];
    const { child, said } = await startHolder(uri, name);
    child.kill('SIGSTOP');
    await metastore.exclusively(name, () => Promise.resolve(), { beatMs, waitMs: 30_000 });
    child.kill('SIGCONT');
    await once(child, 'exit');
    expect(said()).toContain('lost metastore.modified');
    await metastore.close();
  });

  test.each(['lock', 'unlock'])(
    'a lock that stays since the answer to %s was lost is given up by the next',
    async (call) => {
      const [name, metastore, proxy] = [newName(), open(), await startTcpProxy(uri)];
      const cut = open(`thrift://127.0.0.1:${proxy.port}`);
      proxy.judge = (bytes) => (call === 'lock' && bytes.includes('\0\0\0\x04lock') ? 'cut' : 'pass');
      const work = (): Promise<string> => {
        // Before the service learns of it, so that the lock stays.
        if (call === 'unlock') proxy.judge = (bytes) => (bytes.includes('unlock') ? 'drop' : 'pass');
        return Promise.resolve('done');
      };
      const first = cut.exclusively(name, work);
      if (call === 'unlock') expect(await first).toBe('done');
      else await expect(first).rejects.toMatchObject({ code: 'metastore.unavailable' });
      const began = performance.now();
      await metastore.exclusively(name, () => Promise.resolve());
      // Far less than it takes to find somebody else dead.
      expect(performance.now() - began).toBeLessThan(10_000);
      await Promise.all([metastore.close(), cut.close()]);
      await proxy.close();
    },
  );
}
