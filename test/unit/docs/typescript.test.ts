import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repository } from '../../support/manifests.ts';
import { nameOf, snippetsIn } from '../../support/snippets.ts';

// In the repository, since #shared/… is known from its package.json.
const folder = join(repository, 'build/snippets');

test('the TypeScript of all pages is right by the types of the source', () => {
  const snippets = snippetsIn('ts');
  expect(snippets.length).toBeGreaterThan(0);
  rmSync(folder, { recursive: true, force: true });
  for (const snippet of snippets) {
    // Each says in its first line which file it is, so that they may import each other.
    const [, file] = /^\/\/ (\S+\.ts)\n/.exec(snippet.code) ?? [];
    if (file === undefined) throw new Error(`${nameOf(snippet)} does not say which file it is`);
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), snippet.code);
  }
  const config = { extends: '../../tsconfig.json', include: ['.'], exclude: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  expect(compile()).toBe('');
  rmSync(folder, { recursive: true });
});

/** What the compiler finds wrong. */
function compile(): string {
  try {
    return execFileSync(join(repository, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
