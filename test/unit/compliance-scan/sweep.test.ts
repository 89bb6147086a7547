import { describe, expect, test } from '@jest/globals';
import { makeReport } from '#functions/compliance-scan/output/make-report.ts';
import { sweep } from '#functions/compliance-scan/scan/sweep.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { ScanBench } from '../../support/scan-bench.ts';
import { ownedRule } from '../../support/scan-rules.ts';

const thing = 'test/one/test.Thing';
const fence = 'test/one/test.Fence';

/** Two fields with a thing each; only one has a fence, and only the other thing has an owner. */
function makeSite(): ScanBench {
  const bench = new ScanBench();
  bench.source.put('cow', { place: { field: 'a' } });
  bench.source.put('pig', { place: { field: 'b' }, labels: { owner: 'lake' } });
  bench.source.put('fence-a', { kind: 'test.Fence', place: { field: 'a' } });
  return bench;
}

describe('a sweep', () => {
  test('lists each kind once, whatever the number of rules, and tells what changed and nothing else', async () => {
    const bench = makeSite();
    expect((await bench.sweep()).told).toEqual(['opened test-fenced pig', 'opened test-owned cow']);
    expect(bench.source.calls).toBe(2);
    expect((await bench.sweep()).told).toEqual([]);
    bench.source.put('cow', { place: { field: 'a' }, labels: { owner: 'lake' } });
    expect((await bench.sweep()).told).toEqual(['resolved test-owned cow']);
  });

  test('concludes nothing from a listing that breaks off, and says so', async () => {
    const bench = makeSite();
    for (const name of ['a', 'b', 'c', 'd']) bench.source.put(name, { place: { field: 'a' } });
    await bench.sweep();
    bench.source.broken.set(thing, 1);
    const { told, outcome } = await bench.sweep();
    expect(told).toEqual([]);
    expect(outcome.incomplete.map(({ scope, error }) => [scope, error.code])).toEqual([[thing, 'inventory.throttled']]);
  });

  test('does not judge by what a listing that broke off would have shown', async () => {
    const bench = makeSite();
    await bench.sweep();
    bench.source.put('hen', { place: { field: 'c' } });
    bench.source.broken.set(fence, 0);
    const { told, outcome } = await bench.sweep();
    // The hen has no owner, which needs no fence to be known; nobody knows about its fence, nor about the pig's.
    expect(told).toEqual(['opened test-owned hen']);
    expect(outcome.incomplete.map(({ scope }) => scope)).toEqual([fence]);
    bench.source.broken.clear();
    expect((await bench.sweep()).told).toEqual(['opened test-fenced hen']);
  });

  test('takes a kind that no listing shows for unknown, not for empty', async () => {
    const bench = makeSite();
    bench.source.listings.delete(fence);
    expect((await bench.sweep()).told).toEqual(['opened test-owned cow']);
  });

  test('resolves nothing of a system whose listings cannot be found out', async () => {
    const bench = makeSite();
    await bench.sweep();
    bench.source.trouble = new LakewardenError('inventory.forbidden', 'the token is not accepted');
    const { told, outcome } = await bench.sweep();
    expect(told).toEqual([]);
    expect(outcome.incomplete.map(({ scope }) => scope)).toEqual(['test/*']);
  });

  test('shows no secret of an error that somebody else made', async () => {
    const bench = makeSite();
    bench.source.trouble = new Error('connect to https://me:s3cret@lake.example failed');
    const { outcome } = await bench.sweep();
    expect(outcome.incomplete[0]?.error.message).toMatch(/connect to .*failed/);
    expect(outcome.incomplete[0]?.error.message).not.toMatch(/s3cret/);
  });

  test('resolves findings of listings that nobody asks for any more', async () => {
    const bench = makeSite();
    bench.source.put('ewe', { scope: 'test/two/test.Thing', place: { field: 'a' } });
    await bench.sweep();
    bench.source.listings.delete('test/two/test.Thing');
    expect((await bench.sweep()).told).toEqual(['resolved test-owned ewe']);
    expect(bench.told[0]?.because).toBe('unlisted');
  });

  test('of some rules leaves findings of the others alone', async () => {
    const bench = makeSite();
    await bench.sweep();
    bench.source.listings.get(thing)?.resources.splice(0);
    expect((await bench.sweep({ rules: ['test-owned'] })).told).toEqual(['resolved test-owned cow']);
    expect((await bench.sweep()).told).toEqual(['resolved test-fenced pig']);
  });

  test('gives up a listing that never answers, and goes on with the others', async () => {
    const bench = makeSite();
    bench.rules = [ownedRule];
    bench.listingMs = 50;
    bench.source.put('ewe', { scope: 'test/two/test.Thing' });
    bench.source.silent.add(thing);
    const { told, outcome } = await bench.sweep();
    expect(told).toEqual(['opened test-owned ewe']);
    expect(outcome.incomplete.map(({ scope, error }) => [scope, error.code])).toEqual([[thing, 'deadline.exceeded']]);
  });

  test('without time names what is left, and those listings alone are enough to go on', async () => {
    const bench = makeSite();
    let turns = 0;
    bench.hasTime = () => (turns += 1) <= 1;
    bench.rules = [ownedRule];
    bench.source.put('ewe', { scope: 'test/two/test.Thing' });
    const first = await bench.sweep();
    expect([first.told.length, first.outcome.left.length]).toEqual([1, 1]);
    bench.hasTime = () => true;
    const second = await bench.sweep({ scopes: first.outcome.left });
    expect([second.told.length, second.outcome.left]).toEqual([1, []]);
    expect((await bench.sweep()).told).toEqual([]);
  });

  test('leaves to another run what that one told of while this one was listing', async () => {
    const bench = makeSite();
    bench.rules = [ownedRule];
    bench.source.meanwhile = async () => {
      bench.source.meanwhile = undefined;
      bench.source.put('cow', { labels: { owner: 'lake' } });
      bench.source.put('hen');
      await sweep({}, bench.tools());
    };
    // The first one has seen a cow without an owner, and no hen.
    expect((await bench.sweep()).told).toEqual(['opened test-owned cow', 'opened test-owned hen']);
    expect((await bench.sweep()).told).toEqual(['resolved test-owned cow']);
  });

  test('that is killed before it told leaves the telling to the next one', async () => {
    const bench = makeSite();
    bench.beforeTelling = () => Promise.reject(new LakewardenError('sink.unavailable', 'the sink is away'));
    await expect(bench.sweep()).rejects.toThrow('the sink is away');
    bench.beforeTelling = undefined;
    expect((await bench.sweep()).told).toEqual(['opened test-fenced pig', 'opened test-owned cow']);
    expect(bench.told.map(({ finding }) => finding.revision)).toEqual([1, 1]);
    expect((await bench.sweep()).told).toEqual([]);
  });

  test('without a teller is dry: it answers what would happen, and keeps nothing', async () => {
    const bench = makeSite();
    await sweep({}, bench.tools({ tell: undefined }));
    expect(bench.scopes.flatMap(({ transitions }) => transitions)).toHaveLength(2);
    expect(await bench.store.scopes(new AbortController().signal)).toEqual([]);
  });
});

const day = 86_400_000;

describe('waivers', () => {
  const waive = (bench: ScanBench, more: object = {}) => ({
    id: 'cow-goes-free',
    rule: 'test-owned',
    resource: { name: 'cow' },
    owner: 'ann@example.com',
    approver: 'bob@example.com',
    reason: 'it is only a cow',
    expires: bench.now + 30 * day,
    ...more,
  });

  test('keep a failure known without raising it, and it comes back when they end', async () => {
    const bench = makeSite();
    bench.waivers = [waive(bench)];
    expect((await bench.sweep()).told).toEqual(['opened test-fenced pig', 'waived test-owned cow']);
    bench.now += 20 * day;
    expect((await bench.sweep()).told).toEqual(['opened waiver-expiring cow-goes-free']);
    bench.now += 20 * day;
    expect((await bench.sweep()).told).toEqual([
      'opened waiver-expired cow-goes-free',
      'reopened test-owned cow',
      'resolved waiver-expiring cow-goes-free',
    ]);
    bench.waivers = [];
    expect((await bench.sweep()).told).toEqual(['resolved waiver-expired cow-goes-free']);
  });

  test('select by labels also where a rule keeps only a trimmed resource', async () => {
    const bench = makeSite();
    bench.waivers = [waive(bench, { rule: 'test-fenced', resource: { labels: { owner: 'l*' } } })];
    expect((await bench.sweep()).told).toEqual(['opened test-owned cow', 'waived test-fenced pig']);
  });

  test('that nothing needs are findings, but only when everything was looked at', async () => {
    const bench = makeSite();
    bench.waivers = [waive(bench, { resource: { name: 'ox' } })];
    bench.source.broken.set(thing, 1);
    expect((await bench.sweep()).told).not.toContain('opened waiver-unused cow-goes-free');
    bench.source.broken.clear();
    expect((await bench.sweep()).told).toEqual(['opened waiver-unused cow-goes-free']);
    bench.source.put('ox', { place: { field: 'a' } });
    expect((await bench.sweep()).told).toEqual(['resolved waiver-unused cow-goes-free', 'waived test-owned ox']);
  });
});

test('a report counts, orders the worst first, and says what is not complete', async () => {
  const bench = makeSite();
  bench.source.broken.set('test/three/test.Thing', 0);
  bench.source.put('x', { scope: 'test/three/test.Thing' });
  const tools = bench.tools();
  const outcome = await sweep({}, tools);
  const { rules, counts, waivers } = tools;
  const parts = { instance: 'test', started: bench.now, ended: bench.now, rules, counts, waivers, problems: [] };
  const report = makeReport({ ...parts, scopes: bench.scopes, outcome });
  expect(report.complete).toBe(false);
  expect(report.findings.map(({ rule, resource }) => `${rule} ${resource.name}`)).toEqual([
    'test-fenced pig',
    'test-owned cow',
  ]);
  expect(report.scopes.filter(({ complete }) => !complete).map(({ id }) => id)).toEqual(['test/three/test.Thing']);
  expect(report.areas).toEqual([
    { area: 'network', counts: { pass: 1, fail: 1, error: 0, unknown: 0, waived: 0 }, score: 50 },
    { area: 'ownership', counts: { pass: 1, fail: 1, error: 0, unknown: 0, waived: 0 }, score: 50 },
  ]);
});
