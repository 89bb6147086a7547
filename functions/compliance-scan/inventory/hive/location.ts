import { isError } from '#shared/errors/error.ts';
import { type FileSystemNames, toPath } from '#shared/hdfs/location.ts';
import type { HiveLocation } from './kinds.ts';

/** Reads a location: where it leads, and what is odd in the way it is written. */
export function readLocation(text: string, names: FileSystemNames): HiveLocation {
  const path = pathOf(text, names);
  const [, name = '', rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*)(\/[^]*)?$/.exec(text) ?? [];
  const oddities = [
    ...(rest.length > 1 && rest.endsWith('/') ? ['trailing slash'] : []),
    ...(/\/\/+./.test(rest) ? ['doubled slash'] : []),
    ...(name === '' ? ['no scheme'] : []),
    ...(name !== '' && path !== undefined && name.toLowerCase() !== names.defaultFs.toLowerCase()
      ? ['another name']
      : []),
  ];
  return { text, ...(path === undefined ? {} : { path }), oddities: oddities.toSorted() };
}

function pathOf(text: string, names: FileSystemNames): string | undefined {
  try {
    return toPath(text, names);
  } catch (error) {
    if (isError(error, 'path.outside_root', 'path.invalid')) return undefined;
    throw error;
  }
}
