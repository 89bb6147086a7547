import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  declare,
  type Json,
  plan,
  run,
  server,
  set,
  shortly,
  site,
  useOpenWhisk,
} from '../../support/openwhisk-site.ts';

useOpenWhisk();

describe('what is declared', () => {
  test('is planned without a write, made in order, and then there is nothing to do', async () => {
    expect(shortly(await plan())).toEqual([
      'create package lake',
      'create action lake/sync',
      'create trigger often',
      'create trigger letters',
      'create feed often',
      'create feed letters',
      'create rule often',
    ]);
    expect(server.writes()).toEqual([]);
    expect(await run('plan', '--exit-code')).toMatchObject({ code: 4 });
    expect(await run('apply')).toMatchObject({ code: 0, out: expect.stringContaining('7 done') });
    expect(server.writes()).toEqual([
      'PUT packages/lake',
      'PUT actions/lake/sync',
      'PUT triggers/often',
      'PUT triggers/letters',
      'CREATE whisk.system/actions/alarms/alarm',
      'PUT triggers/often',
      'CREATE whisk.system/actions/messaging/kafkaFeed',
      'PUT triggers/letters',
      'PUT rules/often',
    ]);
    expect(await run('apply')).toMatchObject({ code: 0, out: expect.stringContaining('nothing to do') });
    expect(server.writes()).toEqual([]);
    expect(await run('plan', '--exit-code')).toMatchObject({ code: 0 });
    expect(server.thing('actions', 'lake/sync')).toMatchObject({
      exec: { kind: 'nodejs:20', main: 'main', code: 'function main() {}' },
      limits: { timeout: 300_000, memory: 512 },
      parameters: [
        { key: 'lakewarden', value: { root: '/golden', kafka: { password: 'hunter2' } } },
        { key: 'lakewardenFiles', value: { 'ca.crt': 'hunter2' } },
        { key: 'K_SINK', value: 'http://sink', init: true },
      ],
    });
    expect(server.feeds.get('often')).toMatchObject({
      params: {
        cron: '*/5 * * * *',
        trigger_payload: { scope: 'recent', lakewardenTick: { trigger: 'often', seconds: 60 } },
      },
    });
    expect(server.thing('rules', 'often')).toMatchObject({
      trigger: { path: 'guest', name: 'often' },
      action: { path: 'guest/lake', name: 'sync' },
      status: 'active',
    });
  });

  test.each([
    ['a limit', 'actions|lake/sync|limits', { memoryMb: 256 }, ['update action lake/sync limits.memory']],
    ['a setting', 'actions|lake/sync|settings|root', '/silver', ['update action lake/sync settings.root']],
    ['a setting that goes', 'actions|lake/sync|settings|root', undefined, ['update action lake/sync settings.root']],
    ['a variable', 'actions|lake/sync|environment', {}, ['update action lake/sync environment.K_SINK']],
    ['a rule', 'rules|often|active', false, ['update rule often status']],
    ['a cron', 'triggers|often|alarm|cron', '7 * * * *', ['update feed often parameters.cron']],
    ['a payload', 'triggers|often|alarm|payload', {}, ['update feed often parameters.trigger_payload']],
    [
      'what its provider keeps to itself',
      'triggers|often|alarm|timezone',
      'UTC',
      ['remake feed often what its provider does not tell'],
    ],
    [
      'a topic',
      'triggers|letters|kafka|topic',
      'other',
      ['remake feed letters what its provider does not tell parameters.topic'],
    ],
    [
      'a kind of feed',
      'triggers|often|alarm',
      { minutes: 7 },
      [
        'update trigger often annotations.feed',
        'remake feed often what its provider does not tell parameters.trigger_payload',
      ],
    ],
  ] as const)('is changed field by field: %s', async (_, path, value, expected) => {
    await run('apply');
    declare(set(path, value));
    expect(shortly(await plan())).toEqual(expected);
    expect(await run('apply')).toMatchObject({ code: 0 });
    expect(shortly(await plan())).toEqual([]);
  });

  test('is put right where somebody changed it by hand', async () => {
    await run('apply');
    const action = server.thing('actions', 'lake/sync');
    server.collections['actions']?.set('lake/sync', {
      ...action,
      exec: { ...(action['exec'] as Json), code: 'other' },
    });
    server.feeds.get('often')!.params['cron'] = '* * * * *';
    server.feeds.get('letters')!.active = false;
    server.thing('rules', 'often')['status'] = 'inactive';
    const made = await plan();
    expect(shortly(made)).toEqual([
      'update action lake/sync code',
      'update feed often parameters.cron',
      'remake feed letters',
      'update rule often status',
    ]);
    expect(made.changes[2]?.why).toContain('Automatically disabled');
    await run('apply');
    expect(shortly(await plan())).toEqual([]);
    expect(server.feeds.get('letters')).toMatchObject({ active: true });
  });

  test('keeps annotations and limits that others added', async () => {
    await run('apply');
    const action = server.thing('actions', 'lake/sync');
    (action['annotations'] as Json[]).push({ key: 'team', value: 'lake' });
    (action['limits'] as Json)['instances'] = 3;
    expect(shortly(await plan())).toEqual([]);
    declare(set('actions|lake/sync|limits', { memoryMb: 256 }));
    await run('apply');
    expect(server.thing('actions', 'lake/sync')['annotations']).toContainEqual({ key: 'team', value: 'lake' });
  });

  test('makes a web action raw and final, with the token that it asks for, and takes it back', async () => {
    declare((whole) => {
      set('actions|lake/sync|web', 'raw')(whole);
      set('actions|lake/sync|webToken', { fromFile: '../password' })(whole);
    });
    expect((await run('plan')).out).not.toContain('hunter2');
    await run('apply');
    const annotations = (): unknown => server.thing('actions', 'lake/sync')['annotations'];
    expect(annotations()).toEqual(
      expect.arrayContaining([
        { key: 'web-export', value: true },
        { key: 'raw-http', value: true },
        { key: 'final', value: true },
        { key: 'require-whisk-auth', value: 'hunter2' },
      ]),
    );
    declare();
    await run('apply');
    expect(JSON.stringify(annotations())).not.toMatch(/final|require/);
    expect(shortly(await plan())).toEqual([]);
  });
});

describe('what others made', () => {
  test('is refused with all that needs it, and the rest is done', async () => {
    server.collections['actions']?.set('lake/sync', {
      name: 'sync',
      namespace: 'guest/lake',
      annotations: [],
      version: '0.0.9',
    });
    const { code, out } = await run('apply');
    expect(code).toBe(3);
    expect(out).toContain('! action lake/sync: left, it is there and not ours');
    expect(out).toContain('! rule often: left, it needs action lake/sync');
    expect(server.thing('actions', 'lake/sync')['version']).toBe('0.0.9');
    expect([...(server.collections['rules']?.keys() ?? [])]).toEqual([]);
    expect(server.feeds.size).toBe(2);
  });

  test('is refused when it has another owner, and is never pruned', async () => {
    await run('apply');
    declare((whole) => {
      whole['owner'] = 'somebody else';
    });
    expect((await run('plan')).err).toContain('owner');
    declare(set('owner', 'others'));
    const made = await plan('--prune');
    expect(made.changes).toEqual([]);
    expect(made.refused).toHaveLength(7);
    expect(made.refused[0]).toMatchObject({ reason: 'it belongs to tests' });
  });
});

describe('what is not declared any more', () => {
  beforeEach(async () => {
    await run('apply');
    server.collections['triggers']?.set('by hand', { name: 'by hand', namespace: 'guest', annotations: [] });
    declare((whole) => {
      for (const key of ['packages', 'actions', 'triggers', 'rules']) whole[key] = {};
    });
    server.seen.length = 0;
  });

  test('is told and stays', async () => {
    const { out, code } = await run('apply');
    expect(code).toBe(0);
    expect(out).toContain('? action lake/sync: ours, and not declared; --prune removes it');
    expect(server.writes()).toEqual([]);
  });

  test('goes with --prune, in the order that leaves no half behind', async () => {
    expect(await run('apply', '--prune')).toMatchObject({ code: 0 });
    expect(server.writes()).toEqual([
      'DELETE rules/often',
      'DELETE whisk.system/actions/alarms/alarm',
      'DELETE whisk.system/actions/messaging/kafkaFeed',
      'DELETE triggers/often',
      'DELETE triggers/letters',
      'DELETE actions/lake/sync',
      'DELETE packages/lake',
    ]);
    expect(server.feeds.size).toBe(0);
    expect([...(server.collections['triggers']?.keys() ?? [])]).toEqual(['by hand']);
  });

  test('stays when more would go than is allowed', async () => {
    expect(await run('apply', '--prune', '--most-deletes', '4')).toMatchObject({
      code: 1,
      err: expect.stringContaining('limit.exceeded: 5 things would be removed'),
    });
    expect(server.writes()).toEqual([]);
  });
});

describe('a plan that was approved', () => {
  async function approve(): Promise<void> {
    writeFileSync(join(site.folder, 'plan.json'), (await run('plan', '--json')).out);
    server.seen.length = 0;
  }

  test('is applied while it is true', async () => {
    await approve();
    expect(await run('apply', '--plan', join(site.folder, 'plan.json'))).toMatchObject({ code: 0 });
  });

  test.each([
    ['the declaration changed', () => declare(set('actions|lake/sync|settings|root', '/x'))],
    ['a secret changed', () => writeFileSync(join(site.folder, 'password'), 'other')],
    ['the code changed', () => writeFileSync(join(site.folder, 'action.js'), 'function main() { return {} }')],
    ['OpenWhisk changed', () => void server.collections['packages']?.set('lake', { name: 'lake', annotations: [] })],
  ])('is not applied when %s', async (_, change) => {
    await approve();
    change();
    expect(await run('apply', '--plan', join(site.folder, 'plan.json'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('plan.stale'),
    });
    expect(server.writes()).toEqual([]);
  });

  test('holds for each thing until the moment that it is written', async () => {
    await run('apply');
    declare(set('actions|lake/sync|settings|root', '/silver'));
    let reads = 0;
    server.before = ({ method, path }) => {
      if (method === 'GET' && path === 'actions/lake/sync') reads += 1;
      if (reads === 2) server.thing('actions', 'lake/sync')['version'] = '9.9.9';
      return undefined;
    };
    server.seen.length = 0;
    expect(await run('apply')).toMatchObject({ code: 1, err: expect.stringContaining('plan.stale') });
    expect(server.writes()).toEqual([]);
  });
});

test('whoever is killed between two steps is followed by one that does the rest', async () => {
  const steps = 9;
  for (let dies = 1; dies <= steps; dies += 1) {
    for (const things of Object.values(server.collections)) things.clear();
    server.feeds.clear();
    let writes = 0;
    server.before = ({ method, body }) => {
      if (method === 'GET' || body['lifecycleEvent'] === 'READ') return undefined;
      writes += 1;
      return writes === dies ? [500, { error: 'down' }] : undefined;
    };
    expect(await run('apply')).toMatchObject({ code: 1, err: expect.stringContaining('openwhisk.unavailable') });
    server.before = () => undefined;
    expect(await run('apply')).toMatchObject({ code: 0 });
    expect(shortly(await plan())).toEqual([]);
  }
});
