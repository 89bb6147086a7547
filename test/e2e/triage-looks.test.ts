import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { deadLetterTriage } from '#functions/dead-letter-triage/function.ts';
import { readEnvironment } from '#shared/config/environment.ts';
import { startHost } from '#shared/host/host.ts';
import { createLog } from '#shared/observe/log.ts';
import { lakewarden } from '../support/cli.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-looks-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('whoever only looks makes no state, and sees letters that wait', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic]);
  await writeLetters(kafka, [
    { topic, partition: 0, timestamp: BigInt(Date.now()), key: null, value: Buffer.from('{"a":'), headers: [] },
  ]);
  const state = { topic: `${topic}-state`, partitions: 2 };
  const values = { ...triage.written, state };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(values));
  const cli = (...words: string[]) => lakewarden(['triage', ...words, '--config', 'settings.json'], { cwd: folder });
  expect(JSON.parse((await cli('plan', '--json')).out)).toMatchObject({ partitions: [{ topic, letters: 1 }] });
  expect((await cli('groups')).out).toBe('no group is open\n');
  expect((await cli('report', '--format', 'markdown')).out).toContain('0 open groups');
  const host = await startHost(deadLetterTriage, {
    env: {},
    environment: readEnvironment({}),
    values,
    log: createLog({ function: 'dead-letter-triage', level: 'error' }, { write: () => {} }),
  });
  const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/t', 'ce-type': 'dev.knative.sources.ping' };
  const { statusCode } = await host.answer({
    method: 'POST',
    url: '/',
    rawHeaders: [...Object.entries(event).flat(), 'content-type', 'application/json'],
    body: Buffer.from('{"dryRun":true}'),
  });
  await host.stop();
  expect(statusCode).toBe(204);
  expect(await triage.tools.clients.admin.describe(state.topic)).toBeUndefined();
});
