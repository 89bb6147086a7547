import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

let bin: string;

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'lakewarden-path-'));
});
afterEach(() => rmSync(bin, { recursive: true }));

function install(name: string, output = ''): void {
  writeFileSync(join(bin, name), `#!/bin/sh\necho '${output}' >&${name === 'java' ? 2 : 1}\n`);
  chmodSync(join(bin, name), 0o755);
}

function installAll(): void {
  install('node', 'v20.19.4');
  install('java', 'openjdk version "17.0.15" 2025-04-15');
  install('uname', 'Linux x86_64');
  for (const name of ['npm', 'jar', 'mvn', 'tar', 'xz']) install(name);
}

function run(...args: string[]): { status: number | null; said: string } {
  const result = spawnSync('/bin/sh', ['tools/prerequisites.sh', ...args], { env: { PATH: bin }, encoding: 'utf8' });
  return { status: result.status, said: result.stdout + result.stderr };
}

describe('tools/prerequisites.sh', () => {
  test('is silent when all is there', () => {
    installAll();
    expect(run()).toEqual({ status: 0, said: '' });
  });

  test('names all that is missing, with a way to get it', () => {
    const { status, said } = run();
    expect(status).toBe(1);
    for (const name of ['Node.js 20', 'a JDK', 'Maven', 'tar and xz']) expect(said).toContain(`missing: ${name}`);
    expect(said).toContain('apt install maven');
  });

  test('asked for node alone, wants nothing else', () => {
    install('node', 'v24.1.0');
    install('npm');
    expect(run('node')).toEqual({ status: 0, said: '' });
    expect(run().status).toBe(1);
  });

  test.each(['False', ''])('asked for engines, wants a Python that is new enough and has pip (%s)', (output) => {
    installAll();
    install('python3', 'True');
    expect(run('engines')).toEqual({ status: 0, said: '' });
    install('python3', output);
    expect(run('engines').said).toContain('missing: Python 3.11');
    expect(run().status).toBe(0);
  });

  test.each(['chromium', 'chromium-browser', 'google-chrome'])('asked for a browser, is content with %s', (name) => {
    install('node', 'v24.1.0');
    install('npm');
    expect(run('browser').said).toContain('missing: Chromium');
    install(name);
    expect(run('browser')).toEqual({ status: 0, said: '' });
  });

  test.each([
    ['node', 'v18.20.0', 'Node.js 20'],
    ['node', 'nonsense', 'Node.js 20'],
    ['java', 'java version "1.8.0_392"', 'a JDK'],
    ['java', 'openjdk version "11.0.2" 2019-01-15', 'a JDK'],
    ['java', 'openjdk version "25" 2025-09-16', 'a JDK'],
    ['uname', 'Darwin arm64', 'Linux on x86_64 or aarch64; this is Darwin arm64'],
  ])('refuses %s that says %s', (name, output, complaint) => {
    installAll();
    install(name, output);
    const { status, said } = run();
    expect(status).toBe(1);
    expect(said.match(/^missing: /gm)).toHaveLength(1);
    expect(said).toContain(`missing: ${complaint}`);
  });
});
