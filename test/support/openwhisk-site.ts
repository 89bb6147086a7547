import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, jest } from '@jest/globals';
import { stringify } from 'yaml';
import { asError } from '#shared/errors/error.ts';
import { openwhiskCommand } from '../../cli/openwhisk.ts';
import type { CliRun } from './cli.ts';
import { OpenWhiskServer } from './openwhisk-server.ts';

/** The emulation that a file of tests talks to. */
export const server = new OpenWhiskServer();

/** Where it listens, and the folder with the declaration (`state`), the key and a password. */
export const site = { host: '', folder: '' };

/** Starts the emulation for the tests of a file, each with an empty OpenWhisk and the state declared. */
export function useOpenWhisk(): void {
  beforeAll(async () => void (site.host = await server.start()));
  afterAll(() => server.stop());
  beforeEach(() => {
    site.folder = mkdtempSync(join(tmpdir(), 'lakewarden-openwhisk-'));
    mkdirSync(join(site.folder, 'state'));
    writeFileSync(join(site.folder, 'key'), `${server.key}\n`);
    writeFileSync(join(site.folder, 'password'), 'hunter2\n');
    writeFileSync(join(site.folder, 'action.js'), 'function main() {}');
    declare();
    for (const things of Object.values(server.collections)) things.clear();
    server.feeds.clear();
    server.seen.length = 0;
    server.before = () => undefined;
  });
  afterEach(() => rmSync(site.folder, { recursive: true }));
}

/** Any JSON object. */
export type Json = Record<string, unknown>;
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
export function declare(change: (state: Json) => void = () => {}): void {
  const changed = structuredClone(state) as Json;
  change(changed);
  writeFileSync(join(site.folder, 'state', 'all.yaml'), stringify(changed));
}

/** A change of the declared state: `undefined` takes what is at a path (keys with `|` between) away. */
export function set(path: string, value: unknown): (state: Json) => void {
  return (whole) => {
    const keys = path.split('|');
    const last = keys.pop() ?? '';
    const at = keys.reduce<Json>((inner, key) => inner[key] as Json, whole);
    if (value === undefined) delete at[last];
    else at[last] = value;
  };
}

/** Runs the command in this process, which costs a hundredth of one of its own. */
export async function run(command: string, ...args: readonly string[]): Promise<CliRun> {
  const access = ['--host', site.host, '--auth-file', join(site.folder, 'key'), '--folder', join(site.folder, 'state')];
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

/** Lets the emulation answer something else. */
export function answerBy(before: OpenWhiskServer['before']): void {
  server.before = before;
}

/** A plan as it is printed. */
export interface PrintedPlan {
  readonly changes: readonly { kind: string; name: string; change: string; fields: readonly Json[]; why?: string }[];
  readonly refused: readonly Json[];
  readonly undeclared: readonly string[];
}

/** The plan, read from what is printed. */
export async function plan(...args: readonly string[]): Promise<PrintedPlan> {
  const { out, err } = await run('plan', '--json', ...args);
  if (out === '') throw new Error(err);
  return JSON.parse(out) as PrintedPlan;
}

/** A plan in one line for each change. */
export const shortly = ({ changes }: PrintedPlan): string[] =>
  changes.map(({ change, kind, name, fields }) =>
    [change, kind, name, ...(change === 'update' || change === 'remake' ? fields.map(({ field }) => field) : [])].join(
      ' ',
    ),
  );
