import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageFunction } from '../../tools/package.ts';
import { spoil, type Captured } from '../support/event-variants.ts';
import { findFreePort, startFunction, type FunctionProcess } from '../support/function-process.ts';
import { functionNames, repository } from '../support/manifests.ts';
import { cluster } from './admin.ts';

const temp = mkdtempSync(join(tmpdir(), 'lakewarden-hostile-'));
const captured = [
  'pingsource',
  'apiserversource-namespace-add',
  'apiserversource-networkpolicy-delete',
  'broker-dead-letter',
].map(
  (name) =>
    [
      name,
      JSON.parse(readFileSync(join(repository, `test/fixtures/events/${name}.json`), 'utf8')) as Captured,
    ] as const,
);
const bodyLimit = 2_097_152;

/** Settings with a lake that is away; only the API server is there. */
async function settingsOf(name: string): Promise<Record<string, unknown>> {
  const away = `127.0.0.1:${await findFreePort()}`;
  const hdfs = { addresses: [`http://${away}`], defaultFs: `hdfs://${away}`, deadlineSeconds: 0.5 };
  const { server, caFile, adminTokenFile: tokenFile } = cluster();
  const of: Record<string, Record<string, unknown>> = {
    'compliance-scan': { sources: { kubernetes: { server, caFile, tokenFile } } },
    'dead-letter-triage': { topics: ['dlq'], kafka: { brokers: [away] }, knativeLetters: { topic: 'dlq' } },
    'metastore-sync': { root: '/golden', hdfs, metastore: { uris: [`thrift://${away}`] } },
    'partition-compaction': { root: '/golden', hdfs },
  };
  return of[name] ?? {};
}

afterAll(() => rmSync(temp, { recursive: true }));

describe.each(functionNames)('%s as it is packaged', (name) => {
  let started: FunctionProcess;
  beforeAll(async () => {
    const { folder } = await packageFunction(join(repository, 'functions', name), join(temp, name));
    const settings = join(temp, `${name}.json`);
    writeFileSync(settings, JSON.stringify(await settingsOf(name)));
    const env = { LAKEWARDEN_CONFIG: settings, FUNC_BODY_LIMIT: String(bodyLimit), LAKEWARDEN_LOG_LEVEL: 'warn' };
    started = await startFunction({ entry: folder, cwd: folder, command: [process.execPath, 'index.cjs'], env });
  });
  afterAll(() => started?.end());

  test.each(captured)('answers every variant of %s as it deserves', async (_name, event) => {
    const variants = spoil(event, bodyLimit);
    const asItIs = await started.send(event);
    const answers = await Promise.all(variants.map(({ sent }) => started.send(sent)));
    const wrong = variants.flatMap(({ what, deserved }, index) => {
      const { status } = answers[index]!;
      return (deserved === 'as it is' ? [asItIs.status] : deserved).includes(status) ? [] : [[what, status, deserved]];
    });
    expect(wrong).toEqual([]);
  });

  test('is still there, and found nothing that it had not foreseen', async () => {
    expect(await started.send({ method: 'GET', path: '/health/liveness' })).toMatchObject({ status: 200 });
    expect(started.log().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  });
});
