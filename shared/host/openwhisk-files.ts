import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import { filesName, isRecord, type Params } from './openwhisk-params.ts';

/**
 * Lays the files that are bound to an action (names and texts) into `lakewarden-files` of the container's temporary folder,
 * where only its process reads them: settings name passwords and certificates by files, and OpenWhisk mounts none.
 * @throws LakewardenError `config.invalid`
 */
export function layBoundFiles(params: Params): void {
  const files = params[filesName];
  if (files === undefined) return;
  const isWhole =
    isRecord(files) &&
    Object.entries(files).every(([name, text]) => /^\w[\w.-]*$/.test(name) && typeof text === 'string');
  if (!isWhole)
    throw new LakewardenError('config.invalid', `the parameter ${filesName} is no object of names and texts`);
  const folder = join(tmpdir(), 'lakewarden-files');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text as string, { mode: 0o600 });
}
