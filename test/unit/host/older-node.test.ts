import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../../../shared/host/older-node.ts');

/** Takes away what newer Nodes bring, so that any of them shows what is made up for it. */
const program = `
  const zlib = require('node:zlib');
  delete Map.groupBy; delete Promise.withResolvers; delete URL.parse; delete RegExp.escape;
  const natives = {};
  for (const name of ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom'])
    { natives[name] = Set.prototype[name]; delete Set.prototype[name]; }
  delete zlib.zstdCompressSync; delete zlib.zstdDecompressSync;
  bundle.completeNode();
  const a = new Set([1, 2, 3]), b = new Set([3, 4]);
  const texts = ['a.b', '1-2', '^$\\\\.*+?()[]{}|/', 'ä\\u2028 \\n,=', '_x', ''];
  const found = {
    groups: [...Map.groupBy([1, 2, 3], (n) => n % 2)],
    url: [URL.parse('/x', 'http://a')?.href, URL.parse('//')],
    escaped: texts.every((text) => ['', 'u'].every((flags) => new RegExp('^' + RegExp.escape(text) + '$', flags).test(text))),
    letters: ['axb', '12'].some((text, index) => new RegExp('^' + RegExp.escape(texts[index]) + '$').test(text)),
    sets: [a.union(b), a.intersection(b), a.difference(b), a.symmetricDifference(b)].map((set) => [...set]),
    tests: [a.isSubsetOf(b), new Set([3]).isSubsetOf(b), a.isSupersetOf(new Set([1])), a.isDisjointFrom(b), a.isDisjointFrom(new Set())],
  };
  try { zlib.zstdDecompressSync(Buffer.alloc(1)); } catch (error) { found.zstd = error.code; }
  const { promise, resolve } = Promise.withResolvers();
  promise.then((value) => console.log(JSON.stringify({ ...found, value })));
  resolve(7);`;

test('what an older Node lacks is made up for as ECMA-262 says', async () => {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'iife',
    globalName: 'bundle',
    write: false,
  });
  const source = `${outputFiles[0]?.text ?? ''}\n${program}`;
  const told = execFileSync(process.execPath, ['--input-type=commonjs', '-e', source], { encoding: 'utf8' });
  expect(JSON.parse(told)).toEqual({
    groups: [
      [1, [1, 3]],
      [0, [2]],
    ],
    url: ['http://a/x', null],
    escaped: true,
    letters: false,
    sets: [[1, 2, 3, 4], [3], [1, 2], [1, 2, 4]],
    tests: [false, true, true, false, true],
    zstd: 'parquet.unsupported',
    value: 7,
  });
});
