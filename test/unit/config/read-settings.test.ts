import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { readSettings } from '#shared/config/read-settings.ts';
import { secret, type Secret } from '#shared/config/secret.ts';

const schema = z.strictObject({
  root: z.string(),
  hdfs: z
    .strictObject({
      nameNodes: z.array(z.string()).default([]),
      port: z.int().optional(),
      password: secret().optional(),
    })
    .prefault({}),
  topics: z.record(z.string(), z.strictObject({ table: z.string() })).default({}),
  dryRun: z.boolean().default(false),
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lakewarden-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function faultsOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toMatchObject({ name: 'LakewardenError', code: 'config.invalid' });
    return (error as Error).message;
  }
  throw new Error('the settings were taken');
}

function readPassword(env: NodeJS.ProcessEnv): Secret {
  const { password } = readSettings(schema, { env: { LAKEWARDEN_ROOT: '/r', ...env } }).hdfs;
  if (!password) throw new Error('no password');
  return password;
}

function faultOfFile(file: string): string {
  return faultsOf(() => readPassword({ LAKEWARDEN_HDFS__PASSWORD_FILE: file }));
}

describe('sources', () => {
  test('variables win over files, files over given values, and objects are merged', () => {
    const files = write('a.yaml', 'root: /file\nhdfs: { nameNodes: [a, b], port: 1 }\n');
    const env = { LAKEWARDEN_HDFS__PORT: '2', LAKEWARDEN_DRY_RUN: 'true' };
    expect(readSettings(schema, { env, files, values: { root: '/given', topics: { t: { table: 'x' } } } })).toEqual({
      root: '/file',
      hdfs: { nameNodes: ['a', 'b'], port: 2 },
      topics: { t: { table: 'x' } },
      dryRun: true,
    });
  });

  test('a folder is read in the order of names, without Kubernetes’ own hidden entries', () => {
    mkdirSync(join(folder, '..data'));
    write('10-base.yaml', 'root: /base\nhdfs: { port: 1 }');
    write('20-over.json', '{"root": "/over"}');
    expect(readSettings(schema, { env: { LAKEWARDEN_CONFIG: folder } })).toMatchObject({
      root: '/over',
      hdfs: { port: 1 },
    });
  });

  test('a text stays a text where one is wanted; lists and objects are YAML', () => {
    const env = {
      LAKEWARDEN_ROOT: '2019',
      LAKEWARDEN_HDFS__NAME_NODES: '[a, b]',
      LAKEWARDEN_TOPICS__ORDERS__TABLE: 'no',
    };
    expect(readSettings(schema, { env })).toMatchObject({
      root: '2019',
      hdfs: { nameNodes: ['a', 'b'] },
      topics: { orders: { table: 'no' } },
    });
  });

  test('variables of Kubernetes services and of tests are none of ours', () => {
    const env = {
      LAKEWARDEN_ROOT: '/r',
      LAKEWARDEN_SERVICE_HOST: '10.0.0.1',
      LAKEWARDEN_PORT: 'tcp://10.0.0.1:80',
      LAKEWARDEN_PORT_80_TCP_ADDR: '10.0.0.1',
      LAKEWARDEN_TEST_LAKE: '{}',
      LAKEWARDEN_LOG_LEVEL: 'debug',
    };
    expect(readSettings(schema, { env }).root).toBe('/r');
  });

  test('a key called __proto__ is an unknown key like any other', () => {
    const files = write('a.json', '{"root": "/r", "__proto__": {"dryRun": true}}');
    expect(faultsOf(() => readSettings(schema, { env: {}, files }))).toContain('__proto__');
    expect(({} as { dryRun?: boolean }).dryRun).toBeUndefined();
  });
});

describe('faults', () => {
  test('all of them stand in one error, each with key, source and reason', () => {
    const files = write('a.yaml', 'hdfs: { prot: 1, port: x }\ndryRunn: true\n');
    const message = faultsOf(() => readSettings(schema, { env: { LAKEWARDEN_HDFS__NAMENODES: 'a' }, files }));
    expect(message).toMatch(/^5 faults/);
    expect(message).toContain('root (not set)');
    expect(message).toContain(`hdfs.prot (file ${files}): unknown key; did you mean port?`);
    expect(message).toContain(`hdfs.port (file ${files}): `);
    expect(message).toContain(`dryRunn (file ${files}): unknown key; did you mean dryRun?`);
    expect(message).toContain('variable LAKEWARDEN_HDFS__NAMENODES: unknown key NAMENODES; did you mean NAME_NODES?');
  });

  test('a broken or missing file is named, its content is not shown', () => {
    const broken = write('a.yaml', 'root: [hunter2\nx: y');
    expect(faultsOf(() => readSettings(schema, { env: {}, files: broken }))).toMatch(
      /a\.yaml, line \d+: not valid YAML \([A-Z_]+\)/,
    );
    expect(faultsOf(() => readSettings(schema, { env: {}, files: broken }))).not.toContain('hunter2');
    expect(faultsOf(() => readSettings(schema, { env: {}, files: join(folder, 'none') }))).toContain('(ENOENT)');
    const odd = write('notes.txt', 'x');
    expect(faultsOf(() => readSettings(schema, { env: {}, files: odd }))).toContain('neither .yaml, .yml nor .json');
  });

  test('a schema that would drop unknown keys is our own mistake', () => {
    const loose = z.strictObject({ deep: z.array(z.object({ a: z.string() })).optional() });
    expect(() => readSettings(loose, { env: {} })).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('secrets', () => {
  test('come as text or from a file, and nothing shows them', () => {
    const file = write('password', 'hunter2\n');
    const ways = [
      { LAKEWARDEN_HDFS__PASSWORD: 'hunter2' },
      { LAKEWARDEN_HDFS__PASSWORD_FILE: file },
      { LAKEWARDEN_HDFS__PASSWORD: `{ file: ${file} }` },
    ];
    // The third is a text to the schema: a secret may look like anything.
    const revealed = ways.map((env) => readPassword(env).reveal());
    expect(revealed).toEqual(['hunter2', 'hunter2', `{ file: ${file} }`]);
    const password = readPassword(ways[1] ?? {});
    expect([String(password), JSON.stringify({ password }), inspect({ password })].join()).not.toContain('hunter2');
  });

  test('a rotated file is read anew', () => {
    const password = readPassword({ LAKEWARDEN_HDFS__PASSWORD_FILE: write('password', 'old') });
    write('password', 'new');
    expect(password.reveal()).toBe('new');
  });

  test('a missing or empty file is a fault at the start', () => {
    expect(faultOfFile(join(folder, 'none'))).toContain('hdfs.password (variable LAKEWARDEN_HDFS__PASSWORD_FILE): ');
    expect(faultOfFile(write('empty', '\n'))).toContain('the secret is empty');
  });

  test('a faulty secret is not shown', () => {
    const files = write('a.yaml', 'root: /r\nhdfs: { password: [hunter2] }');
    expect(faultsOf(() => readSettings(schema, { env: {}, files }))).not.toContain('hunter2');
  });
});

test('of very many faults some are told, and how many there are', () => {
  for (let number = 0; number < 30; number += 1) write(`${number}.txt`, '');
  const told = faultsOf(() => readSettings(schema, { files: folder, env: {} }));
  expect(told).toMatch(/^31 faults in the settings: .* \| and 11 more$/);
  expect(told.split(' | ')).toHaveLength(21);
});
