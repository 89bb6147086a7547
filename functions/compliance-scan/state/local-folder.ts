import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import type { Entry, Folder } from './folder.ts';

/** A folder on this machine. Files reach the disk before they count. */
export class LocalFolder implements Folder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async list(path: string): Promise<readonly Entry[] | undefined> {
    const folder = join(this.#root, path);
    const names = await orUndefined(readdir(folder), 'ENOENT');
    if (names === undefined) return undefined;
    const entries = await Promise.all(
      names.map(async (name) => {
        const status = await orUndefined(stat(join(folder, name)), 'ENOENT');
        return status === undefined ? [] : [{ name, modified: status.mtimeMs }];
      }),
    );
    return entries.flat();
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return await orUndefined(readFile(join(this.#root, path)), 'ENOENT');
  }

  async create(path: string, bytes: Uint8Array): Promise<void> {
    const full = join(this.#root, path);
    await orUndefined(makeFolder(dirname(full)));
    const file = await orUndefined(open(full, 'wx'));
    try {
      await file?.writeFile(bytes);
      await file?.sync();
    } finally {
      await file?.close();
    }
  }

  async rename(from: string, to: string): Promise<boolean> {
    // Names of files are never used twice, so that only a folder can be in the way, and that is refused.
    const renamed = rename(join(this.#root, from), join(this.#root, to)).then(() => true);
    return (await orUndefined(renamed, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) ?? false;
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.#root, path), { recursive: true, force: true });
  }

  close(): void {}
}

/** Makes a folder and those above it. Node's own way tries for ever where there may be no new ones, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const code = await tryFolder(path);
  if (code !== 'ENOENT') return;
  await makeFolder(dirname(path));
  if ((await tryFolder(path)) === 'ENOENT')
    throw new LakewardenError('config.invalid', `no folder for the state can be made at ${path}`);
}

/** What was in the way: the folder itself, or that there is none above it. */
async function tryFolder(path: string): Promise<'EEXIST' | 'ENOENT' | undefined> {
  try {
    await mkdir(path);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return code;
    throw error;
  }
}

async function orUndefined<Result>(work: Promise<Result>, ...codes: string[]): Promise<Result | undefined> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof LakewardenError) throw cause;
    const { code = '', path = '' } = cause as NodeJS.ErrnoException;
    if (codes.includes(code)) return undefined;
    throw new LakewardenError('config.invalid', `the state in ${path} cannot be used (${code})`, { cause });
  }
}
