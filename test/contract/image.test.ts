import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageFunction } from '../../tools/package.ts';
import { buildImage, type Image } from '../support/container-image.ts';
import { eventHeaders, startFunction } from '../support/function-process.ts';

const root = join(import.meta.dirname, '../..');
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-image-'));
chmodSync(temp, 0o755);
afterAll(() => rmSync(temp, { recursive: true, force: true }));

let image: Image;
beforeAll(async () => {
  const { folder } = await packageFunction(join(root, 'test/fixtures/functions/echo'), join(temp, 'dist'));
  image = buildImage(folder, join(temp, 'image'));
});

test('the image runs as a user that is a number, and not root', () => {
  expect(image.user).toBe('65532:65532');
});

test('its code cannot be written by that user', () => {
  const isRoot = process.getuid?.() === 0;
  const code = globSync(join(image.root, 'function/*'));
  expect(code.map((file) => basename(file))).toEqual(
    expect.arrayContaining(['index.cjs', 'sbom.cdx.json', 'compiled']),
  );
  expect(code.filter((file) => isRoot && statSync(file).uid !== 0)).toEqual([]);
  expect([...code, join(image.root, 'function')].filter((file) => (statSync(file).mode & 0o022) !== 0)).toEqual([]);
});

test('it is ready, answers an event, reads what was compiled, and drains at SIGTERM', async () => {
  const env = { ...image.env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  const started = await startFunction({ entry: '', cwd: '/', command: image.command, env });
  try {
    expect((await started.send({ method: 'GET', path: '/health/liveness' })).status).toBe(200);
    expect((await started.send({ headers: eventHeaders() })).status).toBe(204);
    // Only root can put the code where the image has it, and what was compiled is found by the place of the code.
    const isThere = process.getuid?.() === 0;
    expect(/V8 code cache for CommonJS \/function\/index\.cjs was accepted/.test(started.output())).toBe(isThere);
    const inFlight = started.send({
      headers: eventHeaders('test.wait', { 'content-type': 'application/json' }),
      body: '{"ms":500}',
    });
    await started.logged({ msg: 'waiting' });
    started.signal('SIGTERM');
    expect((await inFlight).status).toBe(204);
    expect(await started.exited).toBe(0);
    expect(await started.logged({ msg: 'stopped' })).toHaveLength(1);
  } finally {
    await started.end();
  }
});

test('the Node that compiles is the Node that runs, of the digest that the build names', () => {
  const text = readFileSync(join(root, 'tools/image/Containerfile'), 'utf8');
  const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases)).toEqual(new Set(['${NODE_IMAGE}']));
});
