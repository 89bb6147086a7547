import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const functions = join(root, 'functions');

/** What a reader who knows one function finds at the same place in each other one. */
const everywhere = [
  'README.md',
  'announce.ts',
  'apply.ts',
  'config.ts',
  'doorbell.ts',
  'func.yaml',
  'function.ts',
  'index.ts',
  'metrics.ts',
  'openwhisk.ts',
  'plan.ts',
  'problem.ts',
  'run.ts',
];

describe('the folders of all functions look alike', () => {
  test.each(readdirSync(functions))('%s has the files that all have', (name) => {
    expect(readdirSync(join(functions, name))).toEqual(expect.arrayContaining(everywhere));
  });
});

describe('the page about the architecture', () => {
  const rows = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+(?:\/[a-z-]+)*)/g)].flatMap(([, path]) => path ?? []));
  const made = ['build', 'docs', 'node_modules'];
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !made.includes(entry.name))
    .flatMap(({ name }) =>
      name === 'shared' ? readdirSync(join(root, name)).map((below) => `shared/${below}`) : name,
    );

  test.each(folders)('says what %s is', (name) => {
    expect(named).toContain(name);
  });

  test('names no folder that is not there', () => {
    expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });
});
