import { expect, test } from '@jest/globals';
import type { Finding } from '#functions/compliance-scan/state/finding.ts';
import type { ScopeChange } from '#functions/compliance-scan/state/scope-state.ts';
import type { StateStore, Stored } from '#functions/compliance-scan/state/store.ts';
import { isError } from '#shared/errors/error.ts';

/** A finding about a thing. */
export function findingOf(name: string, more: Partial<Finding> = {}): Finding {
  const resource = { uid: `test/${name}`, kind: 'test.Thing', scope: 'test/one/test.Thing', name, place: {} };
  const times = { firstSeen: 1, changed: 1, reopened: 0, revision: 1 };
  const content = { rule: 'test-owned', ruleVersion: 1, resource, status: 'fail', severity: 'low' } as const;
  return { id: name, ...content, reason: `${name} – "open"\n`, state: 'open', ...times, ...more };
}

/** A change that opens findings. */
export function opening(...names: string[]): ScopeChange {
  return {
    findings: new Map(names.map((name) => [name, findingOf(name)])),
    untold: [{ id: names[0] ?? '', kind: 'opened' }],
  };
}

const never = new AbortController().signal;

/** What every store of findings promises; `open` opens a new one on what `name` stands for, as another process would. */
export function promiseStore(open: (name: string) => StateStore | Promise<StateStore>): void {
  let last = 0;
  const fresh = (): string => `site-${process.pid}-${(last += 1)}`;
  const one = { scope: 'test/a b%/*/ü:test.Thing', kind: 'test.Thing' };

  test('what is committed is loaded, also by another', async () => {
    const name = fresh();
    const store = await open(name);
    const begun = await store.load(one, never);
    expect(begun.state).toEqual({ ...one, findings: new Map(), untold: [] });
    const first = await store.commit(begun, { ...opening('a', 'b'), seen: 7 }, never);
    const second = await store.commit(
      first as Stored,
      {
        findings: new Map([
          ['a', null],
          ['c', findingOf('c')],
        ]),
        untold: [],
      },
      never,
    );
    const other = await open(name);
    const loaded = await other.load(one, never);
    expect(loaded.state).toEqual(second?.state);
    expect([...loaded.state.findings.keys()].toSorted()).toEqual(['b', 'c']);
    expect(loaded.state).toMatchObject({ ...one, seen: 7, untold: [] });
    expect(await other.scopes(never)).toEqual([one]);
    await store.close();
    await other.close();
  });

  test('of two that commit on the same state, one is told that it came late, and nothing is lost', async () => {
    const name = fresh();
    const stores = [await open(name), await open(name)];
    const loaded = await Promise.all(stores.map((store) => store.load(one, never)));
    const ends = await Promise.all(
      stores.map((store, index) => store.commit(loaded[index] as Stored, opening(`x${index}`), never)),
    );
    expect(ends.filter((end) => end === undefined)).toHaveLength(1);
    const late = ends.findIndex((end) => end === undefined);
    const store = stores[late] as StateStore;
    expect(await store.commit(await store.load(one, never), opening(`x${late}`), never)).toBeDefined();
    const third = await open(name);
    expect([...(await third.load(one, never)).state.findings.keys()].toSorted()).toEqual(['x0', 'x1']);
    for (const each of [...stores, third]) await each.close();
  });

  test('a hundred commits by four at once are all kept', async () => {
    const name = fresh();
    const stores = await Promise.all([open(name), open(name), open(name), open(name)]);
    const write = async (store: StateStore, who: number): Promise<void> => {
      for (let number = 0; number < 25; number += 1)
        for (;;) {
          const [stored, id] = [await store.load(one, never), `${who}-${number}`];
          // Kafka's coordinator at times fails at so many writers: then nobody knows before the next look.
          if (stored.state.findings.has(id)) break;
          const isMade = await store.commit(stored, opening(id), never).catch((error: unknown) => {
            if (!isError(error) || error.details['ambiguous'] !== true) throw error;
          });
          if (isMade !== undefined) break;
        }
    };
    await Promise.all(stores.map(write));
    const reader = await open(name);
    expect((await reader.load(one, never)).state.findings.size).toBe(100);
    for (const store of [...stores, reader]) await store.close();
  });

  test('listings are apart, also those with long names', async () => {
    const name = fresh();
    const store = await open(name);
    const long = { scope: `test/${'x'.repeat(300)}`, kind: 'test.Thing' };
    await store.commit(await store.load(one, never), opening('a'), never);
    await store.commit(await store.load(long, never), opening('b'), never);
    const other = await open(name);
    const scopes = await other.scopes(never);
    expect(scopes.toSorted((x, y) => x.scope.length - y.scope.length)).toEqual([one, long]);
    expect([...(await other.load(long, never)).state.findings.keys()]).toEqual(['b']);
    await store.close();
    await other.close();
  });
}
