/** What a character is to the masking of messages. */
export const kinds = { other: 0, space: 1, digit: 2, letter: 3, within: 4, quote: 5 } as const;

const table = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code);
  if (code <= 0x20) table[code] = kinds.space;
  else if (character >= '0' && character <= '9') table[code] = kinds.digit;
  else if (/[a-z]/i.test(character)) table[code] = kinds.letter;
  // What holds names, numbers, times, paths and addresses together.
  else if ('_-./:@\\+$%#~&?'.includes(character)) table[code] = kinds.within;
  else if ('\'"`'.includes(character)) table[code] = kinds.quote;
}

/** First code of the scripts that write words without spaces between them. */
const firstIdeograph = 0x2e80;

/** The kind of a UTF-16 code unit. */
export function kindOf(code: number): number {
  if (code < 128) return table[code] as number;
  if (code === 0xa0 || (code >= 0x2000 && code <= 0x200b) || code === 0x202f || code === 0x3000) return kinds.space;
  if ((code >= 0x660 && code <= 0x669) || (code >= 0x6f0 && code <= 0x6f9) || (code >= 0xff10 && code <= 0xff19))
    return kinds.digit;
  return code >= 0xc0 && code < firstIdeograph && (code < 0x2010 || code > 0x206f) ? kinds.letter : kinds.other;
}

/** True for 0 to 9 and a to f in both cases. */
export function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

const closers = new Map([
  [0x22, 0x22],
  [0x27, 0x27],
  [0x60, 0x60],
  [0xab, 0xbb],
  [0x2018, 0x2019],
  [0x201c, 0x201d],
  [0x201e, 0x201c],
  [0x300c, 0x300d],
  [0x300e, 0x300f],
]);

/** The quote that closes what this one opens; undefined for all other characters. */
export function closerOf(code: number): number | undefined {
  return code < 128 && table[code] !== kinds.quote ? undefined : closers.get(code);
}
