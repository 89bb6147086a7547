import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDoorbell } from '#functions/compliance-scan/doorbell.ts';
import type { Change } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import { FollowUp } from '#functions/compliance-scan/scan/follow-up.ts';
import { lookAtChanges } from '#functions/compliance-scan/scan/look-at-changes.ts';
import { sweep } from '#functions/compliance-scan/scan/sweep.ts';
import type { Finding } from '#functions/compliance-scan/state/finding.ts';
import { parseStructured } from '#shared/host/parse-event.ts';
import { ScanBench } from '../../support/scan-bench.ts';
import { ownedRule } from '../../support/scan-rules.ts';

const thing = { scope: 'test/one/test.Thing', kind: 'test.Thing' };
const never = new AbortController().signal;

function changeOf({ uid, kind, scope, name, place }: Resource, deleted = false): Change {
  return { reference: { uid, kind, scope, name, place }, deleted, happening: 'test/changed' };
}

async function ring(bench: ScanBench, ...changes: Change[]) {
  bench.told.length = 0;
  const outcome = await lookAtChanges(
    changes.map((change) => ({ source: bench.source, change })),
    bench.tools(),
  );
  return { told: bench.words(), ...outcome };
}

async function findings(bench: ScanBench): Promise<Finding[]> {
  const { state } = await bench.store.load(thing, never);
  return [...state.findings.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

describe('an event about a resource', () => {
  test('opens and resolves what a sweep would, with one call', async () => {
    const bench = new ScanBench();
    const cow = bench.source.put('cow');
    expect((await ring(bench, changeOf(cow))).told).toEqual(['opened test-owned cow']);
    expect(bench.source.calls).toBe(1);
    bench.source.put('cow', { labels: { owner: 'lake' } });
    expect((await ring(bench, changeOf(cow))).told).toEqual(['resolved test-owned cow']);
  });

  test('that is doubled, in one delivery or in several, is one transition', async () => {
    const bench = new ScanBench();
    const cow = bench.source.put('cow');
    expect((await ring(bench, changeOf(cow), changeOf(cow))).told).toEqual(['opened test-owned cow']);
    expect((await ring(bench, changeOf(cow))).told).toEqual([]);
  });

  test('that comes late says only where to look: what is there now counts', async () => {
    const bench = new ScanBench();
    const old = bench.source.put('cow');
    bench.source.put('cow', { labels: { owner: 'lake' } });
    expect((await ring(bench, changeOf(old))).told).toEqual([]);
    expect((await ring(bench, changeOf(old, true))).told).toEqual([]);
  });

  test('about what is gone resolves its findings, of all rules; and what took its name is another', async () => {
    const bench = new ScanBench();
    bench.source.put('fence', { kind: 'test.Fence' });
    const cow = bench.source.put('cow', { place: { field: 'z' } });
    await bench.sweep();
    expect(await findings(bench)).toHaveLength(2);
    bench.source.remove(cow);
    expect((await ring(bench, changeOf(cow, true))).told).toEqual([
      'resolved test-fenced cow',
      'resolved test-owned cow',
    ]);
    expect(bench.told.map(({ because }) => because)).toEqual(['gone', 'gone']);
    const other = bench.source.put('cow', { uid: 'test/cow-2', place: { field: 'z' } });
    expect((await ring(bench, changeOf(other))).told).toEqual(['opened test-owned cow']);
    bench.source.remove(other);
    bench.source.put('cow', { uid: 'test/cow-3', place: { field: 'z' } });
    expect((await ring(bench, changeOf(other, true))).told).toEqual([
      'opened test-owned cow',
      'resolved test-owned cow',
    ]);
  });

  test('about one that is gone says nothing of what took its name, where a system reads by uid', async () => {
    const bench = new ScanBench();
    const read = bench.source.read.bind(bench.source);
    bench.source.read = async (reference) => {
      const found = await read(reference);
      return reference.uid === undefined || found?.uid === reference.uid ? found : undefined;
    };
    const cow = bench.source.put('cow');
    await ring(bench, changeOf(cow));
    bench.source.remove(cow);
    const other = bench.source.put('cow', { uid: 'test/cow-2' });
    expect((await ring(bench, changeOf(other))).told).toEqual(['opened test-owned cow', 'resolved test-owned cow']);
    expect((await ring(bench, changeOf(cow, true))).told).toEqual([]);
    bench.source.remove(other);
    const { uid: _uid, ...unnamed } = changeOf(other).reference;
    const gone = { ...changeOf(other, true), reference: unnamed };
    expect((await ring(bench, gone)).told).toEqual(['resolved test-owned cow']);
  });

  test('leaves rules that must know others to a sweep, and names them', async () => {
    const bench = new ScanBench();
    bench.source.put('fence', { kind: 'test.Fence', place: { field: 'a' } });
    const cow = bench.source.put('cow', { place: { field: 'b' }, labels: { owner: 'x' } });
    await bench.sweep();
    bench.source.put('cow', { place: { field: 'a' }, labels: { owner: 'x' } });
    const { told, waiting } = await ring(bench, changeOf(cow));
    expect([told, waiting]).toEqual([[], ['test-fenced']]);
    expect((await bench.sweep({ rules: waiting })).told).toEqual(['resolved test-fenced cow']);
    const fence = bench.source.put('fence-2', { kind: 'test.Fence' });
    expect((await ring(bench, changeOf(fence))).waiting).toEqual(['test-fenced']);
  });

  test('costs no call when it carries what would change nothing, and one when it does not', async () => {
    const bench = new ScanBench();
    const cow = bench.source.put('cow');
    await ring(bench, changeOf(cow));
    const calls = bench.source.calls;
    const carrying = (resource: Resource) => ({ ...changeOf(cow), resource });
    expect((await ring(bench, carrying({ ...cow, version: '8' }))).told).toEqual([]);
    expect(bench.source.calls).toBe(calls);
    // This one is late: the owner that it tells of is gone again.
    expect((await ring(bench, carrying({ ...cow, labels: { owner: 'lake' } }))).told).toEqual([]);
    expect(bench.source.calls).toBe(calls + 1);
    bench.source.remove(cow);
    expect((await ring(bench, { ...carrying(cow), deleted: true })).told).toEqual(['resolved test-owned cow']);
  });

  test('about a kind that no rule judges costs nothing', async () => {
    const bench = new ScanBench();
    const stone = bench.source.put('stone', { kind: 'test.Stone' });
    expect((await ring(bench, changeOf(stone))).settled).toEqual([]);
    expect(bench.source.calls).toBe(0);
  });

  test('that another event overtakes while it is looked at is looked at again', async () => {
    const bench = new ScanBench();
    bench.rules = [ownedRule];
    const cow = bench.source.put('cow', { labels: { owner: 'lake' } });
    const read = bench.source.read.bind(bench.source);
    let turns = 0;
    bench.source.read = async (reference, ...more) => {
      turns += 1;
      const seen = await read(reference);
      if (turns > 1) return seen;
      // In between, the owner is taken off, and somebody else sees that and a pig first.
      bench.source.put('cow');
      bench.source.put('pig');
      await sweep({}, bench.tools());
      void more;
      return seen;
    };
    expect((await ring(bench, changeOf(cow))).told).toEqual(['opened test-owned cow', 'opened test-owned pig']);
    expect((await findings(bench)).map(({ state }) => state)).toEqual(['open', 'open']);
  });
});

test('events about all that changed, in any order and doubled, end with the findings of a sweep, byte for byte', async () => {
  const labels = fc.constantFrom<Record<string, string> | undefined>({ owner: 'x' }, {}, { Owner: 'x' }, undefined);
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), labels, gone: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(fc.nat(30), { maxLength: 8 }),
      async (steps, extra) => {
        const [byEvents, bySweep] = [new ScanBench(), new ScanBench()];
        bySweep.now -= 3_600_000;
        const changes: Change[] = [];
        for (const bench of [byEvents, bySweep]) {
          bench.rules = [ownedRule];
          bench.source.listing(thing.scope, thing.kind);
          for (const { name, labels: own, gone } of steps) {
            const { labels: _labels, ...bare } = bench.source.put(name);
            const resource = { ...bare, ...(own === undefined ? {} : { labels: own }) };
            const { resources } = bench.source.listing(thing.scope, thing.kind);
            resources[resources.findIndex(({ uid }) => uid === resource.uid)] = resource;
            if (gone) bench.source.remove(resource);
            if (bench === byEvents) changes.push(changeOf(resource, gone));
          }
        }
        const doubled = extra.flatMap((index) => changes[index] ?? []);
        for (const change of [...changes, ...doubled]) await ring(byEvents, change);
        await bySweep.sweep();
        const shown = async (bench: ScanBench) =>
          JSON.stringify((await findings(bench)).filter(({ state }) => state === 'open'));
        expect(await shown(byEvents)).toBe(await shown(bySweep));
      },
    ),
    { numRuns: 50 },
  );
});

describe('a doorbell', () => {
  const event = (type: string, data: unknown) =>
    parseStructured({ specversion: '1.0', id: '1', source: '/test', type, datacontenttype: 'application/json', data });

  test('asks for a sweep of all or of some', () => {
    const read = (data: unknown) => readDoorbell(event('dev.knative.sources.ping', data), []);
    expect(read(null)).toMatchObject({ kind: 'sweep', request: {}, dryRun: false });
    expect(read({ rules: ['a'], dryRun: true })).toMatchObject({ request: { rules: ['a'] }, dryRun: true });
    expect(read({ rule: 'a' })).toMatchObject({ problems: [{ code: 'event.option' }] });
    expect(() => read({ rules: [] })).toThrow(/data\.rules/);
    expect(() => read('now')).toThrow(/cannot be used/);
  });

  test('of a type that no system knows is refused, and one that changes nothing is not', () => {
    const { source } = new ScanBench();
    expect(readDoorbell(event('test.changed', []), [source])).toEqual({ kind: 'changes', changes: [] });
    expect(() => readDoorbell(event('org.example.other', {}), [source])).toThrow(/org\.example\.other/);
  });
});

test('sweeps after changes are asked for at once, and then not again for a while, and none is forgotten', () => {
  const followUp = new FollowUp(60_000);
  expect(followUp.add(['b', 'a'], 1_000)).toEqual(['a', 'b']);
  expect(followUp.add(['c'], 2_000)).toEqual([]);
  expect(followUp.add([], 62_000)).toEqual(['c']);
  expect(followUp.add([], 200_000)).toEqual([]);
});
