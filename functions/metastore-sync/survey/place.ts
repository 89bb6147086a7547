import { isError } from '#shared/errors/error.ts';
import { type FileSystemNames, toPath } from '#shared/hdfs/location.ts';

/** The path of a location from the metastore; undefined when it is no place of the lake's file system. */
export function pathAt(location: string | undefined, names: FileSystemNames): string | undefined {
  try {
    return toPath(location ?? '', names);
  } catch (error) {
    if (isError(error, 'path.invalid', 'path.outside_root')) return undefined;
    throw error;
  }
}

/** True when a location from the metastore is this path of the lake's file system, by any of the file system's names. */
export function liesAt(location: string | undefined, path: string, names: FileSystemNames): boolean {
  return pathAt(location, names) === path;
}
