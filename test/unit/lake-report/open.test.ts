import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { browserOf } from '../../../cli/open-page.ts';
import { lakewarden } from '../../support/cli.ts';

const temp = mkdtempSync(join(tmpdir(), 'lakewarden-open-'));
afterAll(() => rmSync(temp, { recursive: true }));

const [programs, manifests, told] = ['programs', 'manifests', 'told'].map((name) => join(temp, name)) as [
  string,
  string,
  string,
];
mkdirSync(programs);
mkdirSync(manifests);
writeFileSync(join(temp, 'scan.json'), JSON.stringify({ sources: { manifests: { folder: manifests } } }));

const report = (...args: string[]) =>
  lakewarden(['report', '--scan', 'scan.json', ...args], { cwd: temp, env: { PATH: programs, TMPDIR: temp } });

test('the page is a file all the same where no browser can be started', async () => {
  const { code, out, err } = await report('--open', '--output', 'lake.html');
  expect([code, err]).toEqual([0, expect.stringContaining('no browser was opened: spawn xdg-open ENOENT')]);
  expect(out).toContain('lake.html: ');
  expect(readFileSync(join(temp, 'lake.html'), 'utf8')).toMatch(/<\/html>\s*$/);
});

test('the browser gets the path of a page that only its user may read, and is not waited for', async () => {
  // Who opens a named pipe waits for the other end, so that the browser outlives the command.
  execFileSync('mkfifo', [told]);
  writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\necho "$#" "$1" > '${told}'\n`, { mode: 0o755 });
  expect(await report('--open')).toMatchObject({ code: 0 });
  const [count, page = ''] = (await readFile(told, 'utf8')).trim().split(' ');
  expect([count, page]).toEqual(['1', expect.stringMatching(/\/lakewarden-report-\w+\/lake\.html$/)]);
  expect(readFileSync(page, 'utf8')).toMatch(/<\/html>\s*$/);
  expect(statSync(dirname(page)).mode & 0o77).toBe(0);
});

test.each([
  ['linux', ['xdg-open', '/lake/-x & y.html']],
  ['darwin', ['open', '/lake/-x & y.html']],
  ['win32', ['rundll32', 'url.dll,FileProtocolHandler', '/lake/-x & y.html']],
] as const)('on %s no shell reads the name', (platform, words) => {
  expect(browserOf(platform, '/lake/-x & y.html')).toEqual(words);
});
