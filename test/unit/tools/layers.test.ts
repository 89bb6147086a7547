import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

/** Whether the project's lint rules refuse this import in a file of this name. */
function isRefused(file: string, imports: string, type = ''): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    copyFileSync('.oxlintrc.json', join(folder, '.oxlintrc.json'));
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import ${type} { thing } from '${imports}';\nexport const other = [thing];\n`);
    const oxlint = join(import.meta.dirname, '../../../node_modules/oxlint/bin/oxlint');
    const { stdout } = spawnSync(process.execPath, [oxlint, '--quiet', '--format', 'unix', file], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout.includes('no-restricted-imports');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ['shared/lake/x.ts', '#functions/metastore-sync/plan.ts'],
  ['shared/host/x.ts', '../../functions/metastore-sync/plan.ts'],
  ['shared/host/x.ts', '#lake-in-a-box/lake.ts'],
  ['functions/one/x.ts', '#functions/two/plan.ts'],
  ['functions/one/x.ts', '../../cli/sync.ts'],
  ['functions/one/plan.ts', '#shared/hdfs/webhdfs.ts'],
  ['functions/one/plan.ts', 'node:fs'],
  ['shared/lake/x.ts', '../hdfs/path.ts'],
  ['shared/parquet/x.ts', '#shared/config/environment.ts'],
])('%s must not import %s', (file, imports) => {
  expect(isRefused(file, imports)).toBe(true);
});

test.each([
  ['functions/one/x.ts', '#shared/hdfs/webhdfs.ts', ''],
  ['functions/one/plan.ts', '#shared/lake/file-name.ts', ''],
  ['functions/one/plan.ts', '#shared/hive/metastore.ts', 'type'],
  ['functions/one/inventory/x.ts', '../config.ts', ''],
  ['cli/x.ts', '#functions/one/plan.ts', ''],
  ['shared/hive/x.ts', '../errors/error.ts', ''],
])('%s may import %s', (file, imports, type) => {
  expect(isRefused(file, imports, type)).toBe(false);
});
