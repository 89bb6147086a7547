/** Longest pattern, in characters: with it a text is searched in time that grows with the text alone. */
export const longestPattern = 256;

/** True when the whole text fits a pattern in which `*` stands for any characters, or none. Case counts. */
export function fitsPattern(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] as string;
  if (parts.length === 1) return text === pattern;
  const last = parts.at(-1) as string;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  // The leftmost fit of each part leaves most room for those after it, so nothing is tried twice.
  let from = first.length;
  const until = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > until) return false;
    from = at + part.length;
  }
  return true;
}
