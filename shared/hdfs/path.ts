import { LakewardenError } from '#shared/errors/error.ts';

/**
 * The longest request line that is sent, in bytes. The NameNode's Jetty refuses a request whose line and headers
 * together pass 64 KiB (HTTP 414 or 431), so some room is left for the headers.
 */
export const maxUrlBytes = 60_000;

/** Characters of the longest path that HDFS can hold (HdfsServerConstants.MAX_PATH_LENGTH). */
const maxPathLength = 8_000;

/**
 * An absolute HDFS path without doubled or trailing slashes. Nothing is percent-decoded: `%` is a letter like any other.
 * Throws `path.invalid` for a relative path, for `.`, `..`, NUL, unpaired surrogates, for `:`, which HDFS refuses in names, and for more
 * than 8,000 characters.
 */
export function cleanPath(path: string): string {
  const refuse = (reason: string): never => {
    const shown = path.slice(0, 1_000);
    throw new LakewardenError('path.invalid', `The path ${JSON.stringify(shown)} ${reason}.`, {
      details: { path: shown },
    });
  };
  if (path.length > maxPathLength) refuse(`has ${path.length} characters, and HDFS allows ${maxPathLength}`);
  if (!path.startsWith('/')) refuse('is not absolute');
  if (!path.isWellFormed()) refuse('is not well-formed Unicode');
  const names = path.split('/').filter((name) => name !== '');
  for (const name of names) {
    if (name === '.' || name === '..') refuse(`contains "${name}"`);
    if (name.includes('\0')) refuse('contains a NUL character');
    if (name.includes(':')) refuse(`has a colon in the name ${JSON.stringify(name)}, which HDFS does not allow`);
  }
  return `/${names.join('/')}`;
}

/** Percent-encodes each name of a clean path; slashes stay, which also saves room in long requests. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The last name of a clean path; empty for the root. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path of a name inside a directory, both clean. */
export function childPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** The directory that a clean path lies in; that of the root is the root. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
