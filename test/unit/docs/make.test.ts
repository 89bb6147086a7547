import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import type { LakeRecord } from '#lake-in-a-box/record.ts';
import { commandsFor } from '../../support/command-holders.ts';
import { repository } from '../../support/manifests.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-make-'));
afterAll(() => rmSync(folder, { recursive: true }));

const addresses: LakeRecord['addresses'] = { folder: '.lake/default', webhdfs: 'http://127.0.0.1:9870' };

const lines = commandsFor('test/unit/docs/make.test.ts').map(({ line }) => line);
const isMake = (line: string): boolean => /\bmake /.test(line);

test.each(lines.filter(isMake))('%s is a recipe', async (line) => {
  // A lake that a person keeps for tests is written down here.
  mkdirSync(join(folder, '.lake/default'), { recursive: true });
  writeFileSync(join(folder, '.lake/default/lake.json'), JSON.stringify({ addresses } satisfies Partial<LakeRecord>));
  const asked = line.replace(/\bmake /, `make --no-print-directory -n -C '${repository}' `);
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', `${asked}\necho "lake: $LAKEWARDEN_TEST_LAKE"`], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  });
  expect(stderr).toBe('');
  const recipe = stdout.split('\nlake: ');
  expect(recipe[0]).toMatch(/\S/);
  // What a variable picks reaches the program that the recipe starts.
  for (const [, value = ''] of line.matchAll(/ [BOT]="?([^"]+)/g)) expect(recipe[0]).toContain(` ${value}`);
  if (line.startsWith('export')) expect(JSON.parse(recipe[1] ?? '')).toEqual(addresses);
});

test.each(lines.filter((line) => !isMake(line)))('%s picks tests', async (line) => {
  const [, tests] = / (test\/\S+)/.exec(line) ?? [];
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line} --listTests`], { cwd: repository });
  expect(stdout).toContain(`/${tests}/`);
});
