import zlib from 'node:zlib';
import { LakewardenError } from '#shared/errors/error.ts';

/**
 * What our code and its clients expect of JavaScript and Node 24, where it is missing: OpenWhisk's newest runtime is Node 20.
 * Zstandard cannot be made up for: it answers `parquet.unsupported`.
 */
export function completeNode(): void {
  define(Map, 'groupBy', groupBy);
  define(Promise, 'withResolvers', withResolvers);
  define(URL, 'parse', parseUrl);
  define(RegExp, 'escape', escape);
  for (const [name, method] of Object.entries(setMethods)) define(Set.prototype, name, method);
  for (const name of ['zstdCompressSync', 'zstdDecompressSync']) define(zlib, name, withoutZstandard);
}

function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item, index: number) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
    index += 1;
  }
  return groups;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: PromiseWithResolvers<T>['resolve'] | undefined;
  let reject: PromiseWithResolvers<T>['reject'] | undefined;
  const promise = new Promise<T>((whenDone, whenFailed) => {
    resolve = whenDone;
    reject = whenFailed;
  });
  return { promise, resolve, reject } as PromiseWithResolvers<T>;
}

function parseUrl(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null;
}

/** Escapes more than ECMA-262 asks for (22.2.5.1), which matches the same. */
function escape(text: string): string {
  return text.replaceAll(
    /^[0-9A-Za-z]|[^\w\u0080-\u{10ffff}]|[\u0085\u00a0\u2028\u2029\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

type AnySet = ReadonlySet<unknown>;

/** ECMA-262, 24.2.4, for sets only. */
const setMethods = {
  union(this: AnySet, other: AnySet) {
    return new Set([...this, ...other]);
  },
  intersection(this: AnySet, other: AnySet) {
    return new Set([...this].filter((item) => other.has(item)));
  },
  difference(this: AnySet, other: AnySet) {
    return new Set([...this].filter((item) => !other.has(item)));
  },
  symmetricDifference(this: AnySet, other: AnySet) {
    return new Set([...[...this].filter((item) => !other.has(item)), ...[...other].filter((item) => !this.has(item))]);
  },
  isSubsetOf(this: AnySet, other: AnySet) {
    return [...this].every((item) => other.has(item));
  },
  isSupersetOf(this: AnySet, other: AnySet) {
    return [...other].every((item) => this.has(item));
  },
  isDisjointFrom(this: AnySet, other: AnySet) {
    return ![...this].some((item) => other.has(item));
  },
};

function withoutZstandard(): never {
  throw new LakewardenError('parquet.unsupported', 'Zstandard needs Node 22.15 or newer');
}
