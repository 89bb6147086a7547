import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { stringify } from 'yaml';
import { asError } from '#shared/errors/error.ts';
import { openwhiskCommand } from '../../../cli/openwhisk.ts';
import { type CliRun, lakewarden } from '../../support/cli.ts';
import { OpenWhiskServer } from '../../support/openwhisk-server.ts';

const server = new OpenWhiskServer();
let host: string;
let folder: string;
beforeAll(async () => void (host = await server.start()));
afterAll(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lakewarden-openwhisk-'));
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'key'), `${server.key}\n`);
  writeFileSync(join(folder, 'password'), 'hunter2\n');
  writeFileSync(join(folder, 'action.js'), 'function main() {}');
  declare();
  for (const things of Object.values(server.collections)) things.clear();
  server.feeds.clear();
  server.seen.length = 0;
  server.before = () => undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

type Json = Record<string, unknown>;
const state = {
  owner: 'tests',
  packages: { lake: {} },
  actions: {
    'lake/sync': {
      code: '../action.js',
      settings: { root: '/golden', kafka: { password: { fromFile: '../password' } } },
      files: { 'ca.crt': { fromFile: '../password' } },
      environment: { K_SINK: 'http://sink' },
    },
  },
  triggers: {
    often: { alarm: { cron: '*/5 * * * *', payload: { scope: 'recent' } } },
    letters: { kafka: { brokers: ['b:9092'], topic: 'dlq' } },
  },
  rules: { often: { trigger: 'often', action: 'lake/sync' } },
};

/** Declares the state, with changes to it. */
function declare(change: (state: Json) => void = () => {}): void {
  const changed = structuredClone(state) as Json;
  change(changed);
  writeFileSync(join(folder, 'state', 'all.yaml'), stringify(changed));
}

function set(path: string, value: unknown): (state: Json) => void {
  return (whole) => {
    const keys = path.split('|');
    const last = keys.pop() ?? '';
    const at = keys.reduce<Json>((inner, key) => inner[key] as Json, whole);
    if (value === undefined) delete at[last];
    else at[last] = value;
  };
}

/** Runs the command in this process, which costs a hundredth of one of its own. */
async function run(command: string, ...args: readonly string[]): Promise<CliRun> {
  const access = ['--host', host, '--auth-file', join(folder, 'key'), '--folder', join(folder, 'state')];
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await openwhiskCommand().parseAsync([command, ...access, ...args], { from: 'user' });
    const out = log.mock.calls.map(([text]) => `${String(text)}\n`).join('');
    return { code: Number(process.exitCode ?? 0), out: stripVTControlCharacters(out), err: '' };
  } catch (error) {
    const { code, message } = asError(error);
    return { code: code === 'config.invalid' ? 2 : 1, out: '', err: `${code}: ${message}` };
  } finally {
    log.mockRestore();
    process.exitCode = 0;
  }
}

function answerBy(before: OpenWhiskServer['before']): void {
  server.before = before;
}

interface PrintedPlan {
  readonly changes: readonly { kind: string; name: string; change: string; fields: readonly Json[]; why?: string }[];
  readonly refused: readonly Json[];
  readonly undeclared: readonly string[];
}

async function plan(...args: readonly string[]): Promise<PrintedPlan> {
  const { out, err } = await run('plan', '--json', ...args);
  if (out === '') throw new Error(err);
  return JSON.parse(out) as PrintedPlan;
}

const shortly = ({ changes }: PrintedPlan): string[] =>
  changes.map(({ change, kind, name, fields }) =>
    [change, kind, name, ...(change === 'update' || change === 'remake' ? fields.map(({ field }) => field) : [])].join(
      ' ',
    ),
  );

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
    writeFileSync(join(folder, 'plan.json'), (await run('plan', '--json')).out);
    server.seen.length = 0;
  }

  test('is applied while it is true', async () => {
    await approve();
    expect(await run('apply', '--plan', join(folder, 'plan.json'))).toMatchObject({ code: 0 });
  });

  test.each([
    ['the declaration changed', () => declare(set('actions|lake/sync|settings|root', '/x'))],
    ['a secret changed', () => writeFileSync(join(folder, 'password'), 'other')],
    ['the code changed', () => writeFileSync(join(folder, 'action.js'), 'function main() { return {} }')],
    ['OpenWhisk changed', () => void server.collections['packages']?.set('lake', { name: 'lake', annotations: [] })],
  ])('is not applied when %s', async (_, change) => {
    await approve();
    change();
    expect(await run('apply', '--plan', join(folder, 'plan.json'))).toMatchObject({
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

test('secrets are in no plan, no error and no output', async () => {
  const outputs = [await run('plan'), await run('plan', '--json'), await run('apply')];
  declare(set('actions|lake/sync|settings|kafka|password', 'plain text'));
  outputs.push(await run('plan'), await run('plan', '--json'));
  declare(set('actions|lake/sync|settings|kafka', {}));
  outputs.push(await run('plan'), await run('plan', '--json'));
  server.before = () => [500, { error: `cannot take this of ${server.key}` }];
  outputs.push(await run('apply'));
  const text = outputs.map(({ out, err }) => out + err).join('');
  expect(text).toContain('[secret]');
  expect(text).not.toMatch(/hunter2|plain text|guest-password/);
});

describe('an error says what is wrong', () => {
  const spoilt: readonly (readonly [string, () => void, number, RegExp])[] = [
    ['a wrong key', () => writeFileSync(join(folder, 'key'), 'a:b'), 1, /openwhisk\.access_denied: .*401/],
    ['a key that is none', () => writeFileSync(join(folder, 'key'), 'x'), 2, /holds no key of the form user:password/],
    [
      'a missing bundle',
      () => rmSync(join(folder, 'action.js')),
      2,
      /its code cannot be read \(ENOENT\); make package/,
    ],
    ['a missing secret', () => rmSync(join(folder, 'password')), 2, /the file of the secret cannot be read \(ENOENT\)/],
    ['an empty secret', () => writeFileSync(join(folder, 'password'), '\n'), 2, /the file of the secret is empty/],
    [
      'an unknown key',
      () => declare(set('actions|lake/sync|memory', 1)),
      2,
      /actions\.lake\/sync\.memory .*unknown key/,
    ],
    ['too much memory', () => declare(set('actions|lake/sync|limits', { memoryMb: 1024 })), 2, /limits\.memoryMb/],
    ['too much time', () => declare(set('actions|lake/sync|limits', { timeoutSeconds: 301 })), 2, /timeoutSeconds/],
    [
      'too large parameters',
      () => declare(set('actions|lake/sync|settings|x', 'x'.repeat(1 << 20))),
      1,
      /limit\.exceeded: .*1 MB/,
    ],
    [
      'an alarm with two schedules',
      () => declare(set('triggers|often|alarm|minutes', 7)),
      2,
      /either cron, minutes or date/,
    ],
    [
      'a rule without its trigger',
      () => declare(set('triggers|often', undefined)),
      2,
      /rule often needs trigger often/,
    ],
    ['an action without its package', () => declare(set('packages', {})), 2, /needs package lake/],
    [
      'a bad cron',
      () => declare(set('triggers|often|alarm|cron', 'every day')),
      1,
      /cron pattern 'every day' is not valid/,
    ],
    [
      'an annotation of ours',
      () => declare(set('actions|lake/sync|annotations', { 'lakewarden-owner': 'x' })),
      2,
      /annotations/,
    ],
    [
      'a feed that is not installed',
      () => declare(set('triggers|often|alarm|package', '/whisk.system/none')),
      1,
      /does not exist/,
    ],
    [
      'a server that throttles',
      () => answerBy(() => [429, { error: 'slow down' }]),
      1,
      /openwhisk\.unavailable: .*429/,
    ],
    ['an answer that is no list', () => answerBy(() => [200, {}]), 1, /the answer is no list/],
    [
      'a conflict',
      () => answerBy(({ method }) => (method === 'PUT' ? [409, { error: 'resource already exists' }] : undefined)),
      1,
      /plan\.stale/,
    ],
  ];

  test.each(spoilt)('%s', async (_, spoil, code, expected) => {
    spoil();
    const { code: told, err } = await run('apply');
    expect(err).toMatch(expected);
    expect(err).not.toContain('.ts:');
    expect(told).toBe(code);
  });

  test('nobody there', async () => {
    const args = ['openwhisk', 'plan', '--host', 'http://127.0.0.1:1', '--auth-file', 'key', '--folder', 'state'];
    expect(await lakewarden(args, { cwd: folder })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/openwhisk\.unavailable: http:\/\/127\.0\.0\.1:1 cannot be asked: .*ECONNREFUSED/),
    });
  });

  test('wsk’s own file is enough, and nothing at all is not', async () => {
    writeFileSync(join(folder, '.wskprops'), `APIHOST=${host}\nAUTH=${server.key}\nNAMESPACE=guest\n`);
    const args = ['openwhisk', 'plan', '--folder', 'state'];
    const env = { WSK_CONFIG_FILE: '.wskprops' };
    expect(await lakewarden(args, { cwd: folder, env })).toMatchObject({
      code: 0,
      out: expect.stringContaining('7 to create'),
    });
    expect(await lakewarden(args, { cwd: folder })).toMatchObject({
      code: 2,
      err: expect.stringContaining('--auth-file'),
    });
  });
});

test('TLS is checked, by the authorities of --ca-file', async () => {
  const [key, cert] = ['tls.key', 'tls.crt'].map((name) => join(folder, name)) as [string, string];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=openwhisk.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const secure = new OpenWhiskServer();
  const address = await secure.start({ key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
  try {
    // The last of two options counts; without a scheme it is https.
    const there = ['--host', address.replace('https://', '')];
    expect((await run('plan', ...there)).err).toMatch(/openwhisk\.unavailable: .*self-signed.*--ca-file/);
    expect(secure.seen).toEqual([]);
    expect(await run('plan', ...there, '--ca-file', cert)).toMatchObject({
      out: expect.stringContaining('7 to create'),
    });
  } finally {
    secure.stop();
  }
});
