import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import AjvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { buildImage } from '../support/container-image.ts';
import { eventHeaders, startFunction } from '../support/function-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { packageFunction } from '../../tools/package.ts';

const root = join(import.meta.dirname, '../..');
const runtime = join(root, 'node_modules/faas-js-runtime/bin/cli.js');
const echo = join(root, 'test/fixtures/functions/echo');
const functions = readdirSync(join(root, 'functions'))
  .map((name) => join(root, 'functions', name))
  .filter((folder) => existsSync(join(folder, 'func.yaml')));

let temp: string;
beforeAll(() => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-package-'));
  // The image's user goes through it.
  chmodSync(temp, 0o755);
});
afterAll(() => rmSync(temp, { recursive: true }));

describe('a packaged function', () => {
  let folder: string;
  beforeAll(async () => {
    ({ folder } = await packageFunction(echo, join(temp, 'echo')));
  });

  test('is a folder without dependencies, its code in a file that is small enough to start quickly', () => {
    expect(readdirSync(folder).toSorted()).toEqual([
      '.funcignore',
      'Containerfile',
      'LICENSE',
      'THIRD-PARTY.txt',
      'compile.cjs',
      'func.yaml',
      'index.cjs',
      'oidc.cjs',
      'opentelemetry.cjs',
      'package-lock.json',
      'package.json',
      'sbom.cdx.json',
    ]);
    expect(readFileSync(join(folder, 'index.cjs'), 'utf8').includes('node_modules/@opentelemetry/sdk')).toBe(false);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies');
    expect(statSync(join(folder, 'index.cjs')).size).toBeLessThan(3 * 1_048_576);
  });

  test('starts by `npm start`, as a buildpack starts it, takes an event and drains at SIGTERM', async () => {
    const started = await startFunction({ entry: folder, cwd: folder, command: ['npm', 'start'] });
    try {
      const ping = JSON.parse(readFileSync(join(root, 'test/fixtures/events/pingsource.json'), 'utf8')) as {
        headers: Record<string, string>;
        body: string;
      };
      expect(await started.send(ping)).toMatchObject({ status: 204, headers: { 'lakewarden-outcome': 'done' } });
      const bad = await started.send({ headers: { ...eventHeaders(), 'ce-specversion': '0.9' } });
      expect(bad.status).toBe(400);
      const inFlight = started.send({
        headers: eventHeaders('test.wait', { 'content-type': 'application/json' }),
        body: '{"ms":500}',
      });
      await started.logged({ msg: 'waiting' });
      started.signal('SIGTERM');
      expect((await inFlight).status).toBe(204);
      await started.exited;
      expect(await started.logged({ msg: 'stopped' })).toHaveLength(1);
    } finally {
      await started.end();
    }
  });

  test('is also a function module for the runtime’s own command line', async () => {
    const command = [process.execPath, runtime, 'index.cjs'] as const;
    const started = await startFunction({ entry: folder, cwd: folder, command });
    try {
      expect(await started.send({ headers: eventHeaders() })).toMatchObject({ status: 204 });
    } finally {
      await started.end();
    }
  });

  test('sends metrics and traces, with the SDK in a file of its own', async () => {
    const collector = new OtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start() };
    const command = [process.execPath, 'index.cjs'] as const;
    const started = await startFunction({ entry: folder, cwd: folder, command, env });
    try {
      await started.send({ headers: eventHeaders() });
      expect(collector.last('lakewarden_requests_total')).toMatchObject({ value: 1 });
      expect(collector.spans).toMatchObject([{ name: 'process test.echo' }]);
    } finally {
      await started.end();
      collector.stop();
    }
  });
});

describe('each function of the repository', () => {
  const folders = new Map<string, string>();
  const folderOf = (name: string): string => folders.get(name) ?? '';
  beforeAll(async () => {
    for (const source of functions) {
      const { folder } = await packageFunction(source, join(temp, basename(source)));
      folders.set(basename(source), folder);
    }
  });

  test.each(functions.map((folder) => basename(folder)))('%s is packaged whole', (name) => {
    const load = `console.log(JSON.stringify(Object.keys(require('./index.cjs')).toSorted()))`;
    const exported = execFileSync(process.execPath, ['-e', load], { cwd: folderOf(name), encoding: 'utf8' });
    expect(JSON.parse(exported)).toEqual(['cors', 'handle', 'init', 'liveness', 'logLevel', 'readiness', 'shutdown']);
  });

  test.each(functions.map((folder) => basename(folder)))('each file of %s is compiled in its image', (name) => {
    const { root: image } = buildImage(folderOf(name), join(temp, 'image', name));
    const files = globSync(join(image, 'function/*.cjs'));
    const compiled = globSync(join(image, 'function/compiled/*/*'));
    expect(compiled).toHaveLength(files.length);
    expect(compiled.filter((file) => statSync(file).size < 100)).toEqual([]);
  });

  test('metastore-sync carries the Kafka client in a file of its own, which loads without dependencies', () => {
    const folder = folderOf('metastore-sync');
    expect(readdirSync(folder)).toContain('kafka-client.cjs');
    expect(readFileSync(join(folder, 'index.cjs'), 'utf8').includes('node_modules/@platformatic/')).toBe(false);
    const load = `const { Admin } = require('./kafka-client.cjs');
      new Admin({ clientId: 'a', bootstrapBrokers: ['127.0.0.1:1'], retries: 0 }).metadata({ topics: [] })
        .catch((error) => console.log(error.code));`;
    expect(execFileSync(process.execPath, ['-e', load], { cwd: folder, encoding: 'utf8' })).toMatch(/^PLT_KFK_/);
  });

  test('partition-compaction carries the Hive client in a file of its own, which loads without dependencies', () => {
    const folder = folderOf('partition-compaction');
    expect(readFileSync(join(folder, 'index.cjs'), 'utf8').includes('node_modules/hive-driver/')).toBe(false);
    const load = `const { HiveClient, connections, auth, thrift } = require('./hive-driver.cjs');
      const client = new HiveClient(thrift.TCLIService, thrift.TCLIService_types);
      client.on('error', (error) => console.log(error.code));
      client.connect({ host: '127.0.0.1', port: 1 }, new connections.TcpConnection(), new auth.NoSaslAuthentication())
        .catch(() => {});`;
    expect(execFileSync(process.execPath, ['-e', load], { cwd: folder, encoding: 'utf8' })).toContain('ECONNREFUSED');
  });

  const schema = JSON.parse(
    readFileSync(join(root, 'test/fixtures/func-0.49.2/func_yaml-schema.json'), 'utf8'),
  ) as object;
  const validate = addFormats.default(new AjvDraft04.default({ strict: false })).compile(schema);

  test.each([...functions, echo].map((folder) => [basename(folder), folder]))(
    'func.yaml of %s suits func',
    (name, folder) => {
      const config = parse(readFileSync(join(folder, 'func.yaml'), 'utf8')) as Record<string, unknown>;
      validate(config);
      expect(validate.errors).toBeNull();
      expect(config['name']).toBe(name);
      expect(validate({ ...config, deploy: { helthEndpoints: {} } })).toBe(false);
    },
  );
});
