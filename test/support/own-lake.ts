import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLake, type Lake, type LakeOptions } from '#lake-in-a-box/lake.ts';
import type { OnProgress } from '#lake-in-a-box/jars.ts';
import type { PartName } from '#lake-in-a-box/record.ts';

/** Starts a lake in a temporary folder, which is removed when it is stopped. */
export async function startOwnLake(
  parts: readonly PartName[],
  onProgress: OnProgress = () => {},
  more: Pick<LakeOptions, 'optimise' | 'metastoreSettings' | 'encryptedFolders' | 'kafkaSettings'> = {},
): Promise<Lake> {
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-test-'));
  // PostgreSQL runs as another user where the tests run as root.
  chmodSync(folder, 0o755);
  return await startLake({ folder, parts, temporary: true, archiveClasses: true, onProgress, ...more });
}
