import { LakewardenError } from '#shared/errors/error.ts';
import { cleanPath } from './path.ts';

/** Which names the lake's file system goes by. */
export interface FileSystemNames {
  /** The file system's own name as in `fs.defaultFS`, such as `hdfs://namenode:8020` or `hdfs://nameservice1`. */
  readonly defaultFs: string;
  /** Further names of the same file system, such as `webhdfs://namenode:9870` or `hdfs://nameservice1`. */
  readonly aliases?: readonly string[];
}

/** Ports that may be left out of a name (Hadoop's defaults). */
const defaultPorts: Readonly<Record<string, string>> = { hdfs: '8020', webhdfs: '9870', swebhdfs: '9871' };

/** Scheme, authority and path of a location; the first two are absent from a plain path. */
const locationPattern = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)(?:\/\/([^/]*))?(\/.*)?$/s;

/** `hdfs://Host:8020` and `hdfs://host` name the same thing. */
function fileSystemName(scheme: string, authority: string): string {
  const port = defaultPorts[scheme];
  const host = authority.toLowerCase();
  return `${scheme}://${port !== undefined && host.endsWith(`:${port}`) ? host.slice(0, -port.length - 1) : host}`;
}

/** Decodes one percent-encoded path; an encoded slash or a broken escape is refused because it can name two things. */
function decode(path: string, location: string): string {
  const refuse = (reason: string): never => {
    throw new LakewardenError('path.invalid', `The location ${JSON.stringify(location)} ${reason}.`, {
      details: { path: location },
    });
  };
  if (/[?#]/.test(path)) refuse('has a query or a fragment');
  if (/%2f/i.test(path)) refuse('has an encoded slash');
  try {
    return decodeURIComponent(path);
  } catch {
    return refuse('is not percent-encoded UTF-8');
  }
}

/**
 * The absolute, clean HDFS path of a plain path or of a URI on the lake's file system.
 *
 * Hive, Spark and `hdfs dfs` write a location as a Hadoop path string, which looks like a URI but is not percent-encoded
 * (a partition directory may really be named `ts=12%3A00`), so nothing is decoded. An event's reference is a true URI:
 * for those pass `encoded: true`, and what has a scheme is percent-decoded once; a plain path never is.
 *
 * Throws `path.outside_root` for a location on another file system, `path.invalid` for what is no clean absolute path.
 */
export function toPath(
  location: string,
  names: FileSystemNames,
  { encoded = false }: { encoded?: boolean } = {},
): string {
  if (location.startsWith('/')) return cleanPath(location);
  const [, scheme, authority, path] = locationPattern.exec(location) ?? [];
  if (scheme === undefined) return cleanPath(location);
  const known = [names.defaultFs, ...(names.aliases ?? [])].map((name) => {
    const [, ownScheme = '', ownAuthority = ''] = locationPattern.exec(name) ?? [];
    return { scheme: ownScheme.toLowerCase(), name: fileSystemName(ownScheme.toLowerCase(), ownAuthority) };
  });
  const wanted = scheme.toLowerCase();
  const matches =
    authority === undefined || authority === ''
      ? known[0]?.scheme === wanted
      : known.some(({ name }) => name === fileSystemName(wanted, authority));
  if (!matches) {
    throw new LakewardenError(
      'path.outside_root',
      `The location ${location} is not on the lake's ${names.defaultFs}.`,
      {
        details: { path: location, defaultFs: names.defaultFs },
      },
    );
  }
  return cleanPath(encoded ? decode(path ?? '/', location) : (path ?? '/'));
}

/** The location of a path as Hive and Spark write it: the file system's name before the path, not percent-encoded. */
export function toUri(path: string, defaultFs: string): string {
  return defaultFs.replace(/\/+$/, '') + cleanPath(path);
}
