import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Folder } from '#functions/compliance-scan/state/folder.ts';
import { FolderStore } from '#functions/compliance-scan/state/folder-store.ts';
import { LocalFolder } from '#functions/compliance-scan/state/local-folder.ts';
import type { Stored } from '#functions/compliance-scan/state/store.ts';
import { ScanBench } from '../../support/scan-bench.ts';
import { ownedRule } from '../../support/scan-rules.ts';
import { findingOf, opening, promiseStore } from '../../support/store-promises.ts';

const root = mkdtempSync(join(tmpdir(), 'lakewarden-state-'));
afterAll(() => rmSync(root, { recursive: true }));
const never = new AbortController().signal;
const one = { scope: 'test/one/test.Thing', kind: 'test.Thing' };

describe('a store in a folder', () => {
  promiseStore((name) => new FolderStore(new LocalFolder(join(root, name))));

  test('writes what changed, and everything only when that has become shorter; needless files go', async () => {
    const folder = join(root, 'sizes');
    const store = new FolderStore(new LocalFolder(folder));
    const names = Array.from({ length: 5_000 }, (_, index) => `t${index}`);
    let stored = (await store.commit(await store.load(one), opening(...names))) as Stored;
    const [place = ''] = readdirSync(folder);
    for (let turn = 0; turn < 40; turn += 1)
      stored = (await store.commit(stored, {
        findings: new Map([['t7', findingOf('t7', { revision: turn })]]),
        untold: [],
      })) as Stored;
    const files = readdirSync(join(folder, place)).filter((name) => name.endsWith('.jsonl'));
    expect(files.length).toBeLessThan(35);
    const newest = files.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).at(-1) as string;
    expect(readFileSync(join(folder, place, newest)).length).toBeLessThan(4_000);
    const other = new FolderStore(new LocalFolder(folder));
    expect((await other.load(one)).state).toEqual(stored.state);
  });

  test.each(['/proc/none/state', '/proc/none', '/sys/none/state', '/dev/null/state'])(
    'at %s, where none can be made, is refused and does not wait for ever',
    async (path) => {
      const made = new LocalFolder(path).create('one/file', new Uint8Array());
      await expect(made).rejects.toMatchObject({ code: 'config.invalid' });
      await expect(made).rejects.toThrow(
        /^(?:no folder for the state can be made at|the state in) \/(?:proc|sys|dev)\//,
      );
    },
  );

  test('that is damaged says so, and does not pass for empty', async () => {
    const folder = join(root, 'damaged');
    await new FolderStore(new LocalFolder(folder)).commit(
      await new FolderStore(new LocalFolder(folder)).load(one),
      opening('a'),
    );
    const [place = ''] = readdirSync(folder);
    const file = readdirSync(join(folder, place)).find((name) => name.endsWith('.jsonl')) as string;
    const path = join(folder, place, file);
    writeFileSync(path, readFileSync(path).subarray(0, -30));
    await expect(new FolderStore(new LocalFolder(folder)).load(one)).rejects.toThrow(/is damaged/);
  });
});

/** A folder that is killed at its n-th call: from then on nothing happens any more. */
function mortal(folder: Folder, calls: { left: number }): Folder {
  return new Proxy(folder, {
    get(target, key: keyof Folder) {
      const method = target[key].bind(target) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => {
        calls.left -= 1;
        if (calls.left < 0) return Promise.reject(new Error('killed'));
        return method(...given);
      };
    },
  });
}

test('a scan that is killed at any step is done by the next one: no transition is lost, and none is told with another id', async () => {
  for (let steps = 0; ; steps += 1) {
    const path = join(root, `killed-${steps}`);
    const bench = new ScanBench();
    bench.rules = [ownedRule];
    bench.source.put('cow');
    bench.source.put('pig');
    bench.store = new FolderStore(new LocalFolder(path));
    await bench.sweep();
    bench.source.put('pig', { labels: { owner: 'lake' } });
    bench.source.put('hen');
    const calls = { left: steps };
    bench.store = new FolderStore(mortal(new LocalFolder(path), calls));
    const before = await bench.sweep().then(
      () => bench.told.slice(),
      () => bench.told.slice(),
    );
    bench.store = new FolderStore(new LocalFolder(path));
    await bench.sweep();
    const told = [...before, ...bench.told].map(
      ({ kind, finding }) => `${kind} ${finding.resource.name} ${finding.revision}`,
    );
    expect([...new Set(told)].toSorted()).toEqual(['opened hen 1', 'resolved pig 2']);
    expect((await bench.sweep()).told).toEqual([]);
    const loaded = await bench.store.load(one, never);
    expect([...loaded.state.findings.values()].map(({ state }) => state).toSorted()).toEqual([
      'open',
      'open',
      'resolved',
    ]);
    if (calls.left > 0) break;
  }
});
