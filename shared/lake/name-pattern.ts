/**
 * True for a name that fits a pattern as shells have it: `*` stands for any number of characters, `?` for one, the rest for
 * itself. The time grows with name times pattern, whatever they hold.
 */
export function fitsPattern(name: string, pattern: string): boolean {
  let [at, place] = [0, 0];
  let star: { at: number; pattern: number } | undefined;
  while (at < name.length) {
    if (pattern[place] === '*') {
      star = { at, pattern: place };
      place += 1;
    } else if (place < pattern.length && (pattern[place] === '?' || pattern[place] === name[at])) {
      at += 1;
      place += 1;
    } else if (star !== undefined) {
      // The last star takes one character more.
      star.at += 1;
      at = star.at;
      place = star.pattern + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(place));
}
