/** Longest pattern, in characters: with it a text is searched in time that grows with the text alone. */
export const longestPattern = 256;

/** Says whether a whole text fits a pattern in which `*` stands for any characters, or none. Case counts. */
export function compilePattern(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*');
  const first = parts[0] as string;
  if (parts.length === 1) return (text) => text === pattern;
  const last = parts.at(-1) as string;
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    // The leftmost fit of each part leaves most room for those after it, so nothing is tried twice.
    let from = first.length;
    const until = text.length - last.length;
    for (const part of middle) {
      const at = text.indexOf(part, from);
      if (at < 0 || at + part.length > until) return false;
      from = at + part.length;
    }
    return true;
  };
}

/** True when the whole text fits the pattern. */
export function fitsPattern(text: string, pattern: string): boolean {
  return compilePattern(pattern)(text);
}
