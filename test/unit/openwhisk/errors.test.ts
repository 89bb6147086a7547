import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { lakewarden } from '../../support/cli.ts';
import { OpenWhiskServer } from '../../support/openwhisk-server.ts';
import { answerBy, declare, run, server, set, site, useOpenWhisk } from '../../support/openwhisk-site.ts';

useOpenWhisk();

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

test('nor are those that somebody put there by hand, inside of payloads and addresses', async () => {
  await run('apply');
  const payload = { scope: 'full', login: { apiToken: 'hunter2' }, list: ['jdbc://user:hunter2@host/x'] };
  server.feeds.get('often')!.params['trigger_payload'] = payload;
  const { parameters } = server.thing('actions', 'lake/sync') as { parameters: unknown[] };
  parameters.push({ key: 'database', value: 'postgres://user:hunter2@host/x' });
  const outputs = [await run('plan'), await run('plan', '--json')];
  const text = outputs.map(({ out, err }) => out + err).join('');
  expect(text).toContain('postgres://***@host/x');
  expect(text).toContain('"scope":"full"');
  expect(text).not.toContain('hunter2');
});

describe('an error says what is wrong', () => {
  const spoilt: readonly (readonly [string, () => void, number, RegExp])[] = [
    ['a wrong key', () => writeFileSync(join(site.folder, 'key'), 'a:b'), 1, /openwhisk\.access_denied: .*401/],
    [
      'a key that is none',
      () => writeFileSync(join(site.folder, 'key'), 'x'),
      2,
      /holds no key of the form user:password/,
    ],
    [
      'a missing bundle',
      () => rmSync(join(site.folder, 'action.js')),
      2,
      /its code cannot be read \(ENOENT\); make package/,
    ],
    [
      'a missing secret',
      () => rmSync(join(site.folder, 'password')),
      2,
      /the file of the secret cannot be read \(ENOENT\)/,
    ],
    ['an empty secret', () => writeFileSync(join(site.folder, 'password'), '\n'), 2, /the file of the secret is empty/],
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
    expect(await lakewarden(args, { cwd: site.folder })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/openwhisk\.unavailable: http:\/\/127\.0\.0\.1:1 cannot be asked: .*ECONNREFUSED/),
    });
  });

  test('wsk’s own file is enough, and nothing at all is not', async () => {
    writeFileSync(join(site.folder, '.wskprops'), `APIHOST=${site.host}\nAUTH=${server.key}\nNAMESPACE=guest\n`);
    const args = ['openwhisk', 'plan', '--folder', 'state'];
    const env = { WSK_CONFIG_FILE: '.wskprops' };
    expect(await lakewarden(args, { cwd: site.folder, env })).toMatchObject({
      code: 0,
      out: expect.stringContaining('7 to create'),
    });
    expect(await lakewarden(args, { cwd: site.folder })).toMatchObject({
      code: 2,
      err: expect.stringContaining('--auth-file'),
    });
  });
});

test('TLS is checked, by the authorities of --ca-file', async () => {
  const [key, cert] = ['tls.key', 'tls.crt'].map((name) => join(site.folder, name)) as [string, string];
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
