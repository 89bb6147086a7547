import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const functions = join(import.meta.dirname, '../../functions');

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
