import { isError } from '#shared/errors/error.ts';
import { type FileSystemNames, toPath } from '#shared/hdfs/location.ts';

/** True when a location from the metastore is this path of the lake's file system, by any of the file system's names. */
export function liesAt(location: string | undefined, path: string, names: FileSystemNames): boolean {
  try {
    return toPath(location ?? '', names) === path;
  } catch (error) {
    if (isError(error, 'path.invalid', 'path.outside_root')) return false;
    throw error;
  }
}
