import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';

/** A file of a folder. */
export interface FolderFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The files of YAML and JSON in a folder, in the order of their names. @throws config.invalid that says `what` they are when it
 * cannot be read
 */
export async function readYamlFolder(folder: string, what: string): Promise<FolderFile[]> {
  try {
    // Names that begin with a dot are Kubernetes' own links among mounted files.
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name)).toSorted();
    return await Promise.all(names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `${what} in ${folder} cannot be read (${code ?? 'unknown reason'})`;
    throw new LakewardenError('config.invalid', message, { cause });
  }
}
