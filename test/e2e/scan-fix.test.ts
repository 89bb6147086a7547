import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { lakewarden } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-fix-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: trino
  namespace: lake
spec:
  template:
    spec:
      containers:
        - name: main
          image: registry.example/trino:1 # by hand
          securityContext:
            privileged: true
`;
const run = (args: readonly string[]) => lakewarden(args, { cwd: folder });
const file = join(folder, 'trino.yaml');
beforeEach(() => writeFileSync(file, manifest));

describe('lakewarden scan fix', () => {
  test('prints a patch that git takes, and judges it before; what people must decide is named', async () => {
    const { code, out, err } = await run(['scan', 'fix', folder]);
    expect(code).toBe(1);
    expect(err).toContain('is privileged: mended (kubernetes-no-privileged-containers)');
    expect(err).toMatch(/: left \(kubernetes-resource-limits\)/);
    expect(readFileSync(file, 'utf8')).toBe(manifest);
    execFileSync('git', ['apply'], { cwd: folder, input: out });
    const mended = readFileSync(file, 'utf8');
    expect(mended).toContain('# by hand');
    expect(mended).not.toContain('privileged: true');
    const again = await run(['scan', 'fix', folder]);
    expect([again.out, again.err]).toEqual(['', expect.stringContaining('0 findings mended in 0 files')]);
  });

  test('changes files on wish, only for the rules that are named', async () => {
    const { code, err } = await run([
      'scan',
      'fix',
      folder,
      '--write',
      '--only',
      'kubernetes-no-privileged-containers',
    ]);
    expect([code, err]).toEqual([0, expect.stringContaining('1 finding mended in 1 file, 0 left')]);
    expect(readFileSync(file, 'utf8')).toBe(manifest.replace(/ +securityContext:\n +privileged: true\n/, ''));
  });

  test('names a file that is no manifest, and goes on', async () => {
    writeFileSync(join(folder, 'broken.yaml'), 'a: [');
    const { code, out, err } = await run(['scan', 'fix', folder]);
    rmSync(join(folder, 'broken.yaml'));
    expect([code, out, err]).toEqual([
      2,
      expect.stringContaining('trino.yaml'),
      expect.stringContaining('broken.yaml: '),
    ]);
  });
});
