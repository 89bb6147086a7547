import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';

const extensions = /\.(?:ya?ml|json)$/i;
const skipped = /^(?:\.|node_modules$)/;
/** Bytes: far above what one object or the output of kustomize may have. */
const largest = 64 << 20;

/** A file, with its text or the reason why there is none. */
export interface ManifestFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly text?: string;
  readonly fault?: string;
}

/** Reads the manifests of a folder and of those inside, in the order of their names; hidden folders are left out. Throws `inventory.unavailable` for a folder that cannot be read. */
export async function* readManifestFiles(folder: string, signal: AbortSignal): AsyncGenerator<ManifestFile> {
  for await (const path of walk(folder, folder)) {
    signal.throwIfAborted();
    yield { path: relative(folder, path), ...(await readText(path)) };
  }
}

async function* walk(root: string, folder: string): AsyncGenerator<string> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what = `folder ${relative(root, folder) || root} of manifests cannot be read (${code ?? 'unknown reason'})`;
    throw new LakewardenError('inventory.unavailable', what, { cause });
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skipped.test(entry.name)) continue;
    const path = join(folder, entry.name);
    // Links to files are what a mounted ConfigMap is made of; links to folders may go round in circles.
    if (entry.isDirectory()) yield* walk(root, path);
    else if (extensions.test(entry.name)) yield path;
  }
}

async function readText(path: string): Promise<{ text: string } | { fault: string }> {
  try {
    const status = await stat(path);
    if (!status.isFile()) return { fault: 'is no file' };
    if (status.size > largest) return { fault: 'is larger than 64 MiB' };
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return { fault: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})` };
  }
}
