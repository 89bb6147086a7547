/** The byte of `{`. */
export const openObject = 0x7b;
/** The byte of `}`. */
export const closeObject = 0x7d;
/** The byte of `[`. */
export const openArray = 0x5b;
/** The byte of `]`. */
export const closeArray = 0x5d;
/** The byte of `"`. */
export const quote = 0x22;
/** The byte of `\`. */
export const backslash = 0x5c;

/** True for 0 to 9; false at the end of the text. */
export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** True for what a bare word is made of: a letter of ASCII, `_` or `$`. */
export function isLetter(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || byte === 0x5f || byte === 0x24;
}

/** True for what begins the exponent of a number. */
export function isExponent(byte: number | undefined): boolean {
  return byte === 0x65 || byte === 0x45;
}

/** What a hexadecimal digit stands for; -1 for anything else. */
export function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
