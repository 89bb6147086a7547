import { isError, LakewardenError } from '../errors/error.ts';

/** A place in the golden zone: the topic and the names below it. */
export interface GoldenPath {
  readonly topic: string;
  /** Folder and file names below the topic, from the outside in. */
  readonly below: readonly string[];
}

/**
 * Splits an absolute path into topic and names below it. `//` and a slash at the end mean nothing.
 * @throws path.invalid for a relative path, `.`, `..` or a control character; path.outside_root outside the root or at it
 */
export function splitGoldenPath(root: string, path: string): GoldenPath {
  const names = splitPath(path);
  const rootNames = splitPath(root);
  const [topic, ...below] = names.slice(rootNames.length);
  if (topic === undefined || rootNames.some((name, index) => names[index] !== name)) {
    throw new LakewardenError('path.outside_root', `${path} is not below the root ${root}`, {
      details: { path, root },
    });
  }
  return { topic, below };
}

/** A path that is not of the lake. */
export interface ForeignPath {
  readonly code: 'path.outside';
  readonly message: string;
}

/**
 * The places of the golden zone among those that something names, each once; each is worked out by a function of its own, which
 * may refuse. The others become problems. @throws the first refusal when none is left
 */
export function goldenPathsOf(
  root: string,
  resolvers: readonly (() => string)[],
): { readonly paths: readonly string[]; readonly problems: readonly ForeignPath[] } {
  const paths = new Set<string>();
  const refusals: LakewardenError[] = [];
  for (const resolve of resolvers) {
    try {
      const path = resolve();
      splitGoldenPath(root, path);
      paths.add(path);
    } catch (error) {
      if (!isError(error, 'path.invalid', 'path.outside_root', 'event.invalid')) throw error;
      refusals.push(error);
    }
  }
  if (paths.size === 0 && refusals[0] !== undefined) throw refusals[0];
  return { paths: [...paths], problems: refusals.map(({ message }) => ({ code: 'path.outside', message })) };
}

/** The names of an absolute path. @throws path.invalid as {@link splitGoldenPath} */
function splitPath(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '');
  const reason = !path.startsWith('/')
    ? 'it does not begin with /'
    : names.some((name) => name === '.' || name === '..')
      ? 'it has a . or .. in it'
      : // oxlint-disable-next-line no-control-regex -- controls are what is looked for
        /[\u0000-\u001f\u007f]/.test(path)
        ? 'it has a control character in it'
        : undefined;
  if (reason !== undefined)
    throw new LakewardenError('path.invalid', `the path ${JSON.stringify(path)} is not valid: ${reason}`, {
      details: { path },
    });
  return names;
}
