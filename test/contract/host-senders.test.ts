import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventHeaders, startFunction, type FunctionProcess, type Received } from '../support/function-process.ts';

const entry = join(import.meta.dirname, '../fixtures/functions/echo/index.ts');
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-senders-'));
const files = [join(folder, 'old'), join(folder, 'new')] as const;
let echo: FunctionProcess;

beforeAll(async () => {
  writeFileSync(files[0], 'hunter2-old\n');
  const env = { LAKEWARDEN_HOST__TOKEN_FILES: JSON.stringify(files) };
  echo = await startFunction({ entry, env });
});
afterEach(() => writeFileSync(files[0], 'hunter2-old\n'));
afterAll(async () => {
  await echo.end();
  rmSync(folder, { recursive: true });
});

const valid = ['Host', 'localhost', ...Object.entries(eventHeaders()).flat()];

function post(...authorization: readonly string[]): Promise<Received> {
  return echo.send({ headers: [...valid, ...authorization.flatMap((value) => ['Authorization', value])] });
}

test('who brings a token of the files is let in, whichever', async () => {
  expect(await post('Bearer hunter2-old')).toMatchObject({ status: 204 });
  expect(await post('bearer  hunter2-old ')).toMatchObject({ status: 204 });
});

test.each([
  ['none', []],
  ['another token', ['Bearer hunter3']],
  ['the beginning of one', ['Bearer hunter2-ol']],
  ['the token of a file that is not there', ['Bearer ']],
  ['another scheme', ['Basic hunter2-old']],
  ['one twice', ['Bearer hunter2-old', 'Bearer hunter2-old']],
  ['a good and a bad one', ['Bearer hunter2-old', 'Bearer hunter3']],
  ['two in one', ['Bearer hunter2-old, Bearer hunter3']],
])('who brings %s gets 401, which no broker repeats, before the event is looked at', async (_name, authorization) => {
  const answer = await post(...authorization);
  expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'sender.unknown' } });
});

test('a broken event of an unknown sender is not told what is wrong with it', async () => {
  expect(await echo.send({ headers: { 'ce-specversion': '0.1' }, body: '{' })).toMatchObject({ status: 401 });
});

test('tokens are changed without a restart: first both count, then the new one', async () => {
  writeFileSync(files[1], 'hunter2-new');
  expect(await post('Bearer hunter2-new')).toMatchObject({ status: 204 });
  expect(await post('Bearer hunter2-old')).toMatchObject({ status: 204 });
  rmSync(files[0]);
  expect(await post('Bearer hunter2-new')).toMatchObject({ status: 204 });
  expect(await post('Bearer hunter2-old')).toMatchObject({ status: 401 });
});

test('an empty file lets nobody in', async () => {
  writeFileSync(files[1], '\n');
  expect(await post('Bearer ')).toMatchObject({ status: 401 });
  expect(await post('Bearer =')).toMatchObject({ status: 401 });
  expect(await post('Bearer x')).toMatchObject({ status: 401 });
  rmSync(files[1]);
});

test('while no file has a token, senders are let in later: what they bring may be right', async () => {
  const later = { status: 503, headers: { 'retry-after': '10' } };
  writeFileSync(files[0], ' \n');
  expect(await post('Bearer hunter2-old')).toMatchObject(later);
  rmSync(files[0]);
  expect(await post('Bearer hunter2-old')).toMatchObject(later);
  expect(await post()).toMatchObject({ status: 401 });
});

test('health and metrics stay open, and no token is in a log or an answer', async () => {
  for (const path of ['/health/liveness', '/health/readiness', '/metrics/lakewarden'])
    expect(await echo.send({ method: 'GET', path })).toMatchObject({ status: 200 });
  const { body } = await echo.send({ method: 'GET', path: '/metrics/lakewarden' });
  expect(body).toMatch(/lakewarden_requests_total\{result="sender.unknown",status="401"/);
  expect(echo.output() + body).not.toContain('hunter');
});
