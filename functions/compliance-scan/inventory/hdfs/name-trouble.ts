/** Invisible and steering characters, spaces at the ends, what shells and globs read in their own way, and commas, which break CONCAT. */
const trouble = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}*?[\]{}\\"'`$,]|^[\s\p{Zs}]|[\s\p{Zs}]$|^-/u;

/** True for a name that is hard to handle by hand or in a script. Letters of any language and `%` are fine. */
export function isStrangeName(name: string): boolean {
  return trouble.test(name);
}
