import { isHex, kindOf, kinds } from './characters.ts';

/** What stands for anything that differs from letter to letter. */
export const blank = '*';

/** Days and months; May is also a verb. */
const calendar = new Set('Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec'.split(' '));

/** Words before the name of a person. */
const titles = new Set(['user', 'username', 'login', 'account']);
/** What follows these words where no name does. */
const noNames = new Set(
  'is was are were has had does did do not no with without from for in of to and or by at on cannot could can must should may unknown name id'.split(
    ' ',
  ),
);

/** True for a word where the name of a person stands. */
export function isPerson(word: string, before: string): boolean {
  return before.length <= longestTelling && titles.has(before.toLowerCase()) && !noNames.has(word.toLowerCase());
}

/** Words after which a short number is no accident: it says what went wrong. */
const telling = new Set(['status', 'sqlstate', 'errno', 'http', 'sqlcode', 'errorcode', 'statuscode']);
const longestTelling = 10;
const longestCode = 5;
/** Errors of databases, which are numbered. */
const numbered = ['ORA-', 'PLS-', 'TNS-', 'SQL', 'IMC'];

/**
 * A word without what differs from letter to letter: addresses, paths, ids, times and numbers become `*`, a number behind a name
 * becomes `*` there (`executor-13` is `executor*`).
 */
export function maskWord(word: string): string {
  const facts = lookAt(word);
  if (facts.isPlain) return calendar.has(word) || (facts.hex === word.length && word.length >= 8) ? blank : word;
  if (word.includes('://') || isPath(word)) return blank;
  const sign = word.lastIndexOf('@');
  if (sign > 0 && sign < word.length - 1) return maskAt(word, sign);
  if (calendar.has(word)) return blank;
  if (facts.digits === 0) return facts.hex === word.length && word.length >= 8 ? blank : word;
  if (numbered.some((prefix) => word.startsWith(prefix)) && !word.includes('_')) return word;
  const isIdentifier = facts.isHexLike && (facts.hex >= 8 || (facts.hex === word.length && facts.hex >= 6));
  if (isIdentifier || facts.colons >= 2 || isAddress(word) || facts.isMixed || facts.name === 0) return blank;
  return `${word.slice(0, facts.name)}${blank}`;
}

/** True for a short word right after one that announces an error's number; `code` alone also announces characters. */
export function isTelling(word: string, before: string, gap: string): boolean {
  if (word.length > longestCode || before.length > longestTelling) return false;
  const name = before.toLowerCase();
  return telling.has(name) || (name === 'code' && (gap.includes(':') || gap.includes('=')));
}

interface WordFacts {
  /** Only letters. */
  readonly isPlain: boolean;
  readonly digits: number;
  readonly hex: number;
  readonly colons: number;
  /** Only hexadecimal digits, dashes, dots and colons. */
  readonly isHexLike: boolean;
  /** A letter stands behind a digit. */
  readonly isMixed: boolean;
  /** Length of the name before the first digit, without what joins them; 0 when there is no letter in it. */
  readonly name: number;
}

function lookAt(word: string): WordFacts {
  let digits = 0;
  let hex = 0;
  let colons = 0;
  let isHexLike = true;
  let isMixed = false;
  let isPlain = true;
  let name = 0;
  for (let index = 0; index < word.length; index += 1) {
    const code = word.charCodeAt(index);
    const kind = kindOf(code);
    if (kind !== kinds.letter) isPlain = false;
    if (kind === kinds.digit) digits += 1;
    else if (kind === kinds.letter) {
      if (digits > 0) isMixed = true;
      else name = index + 1;
    }
    if (isHex(code)) hex += 1;
    else if (code === 0x3a) colons += 1;
    else if (code !== 0x2d && code !== 0x2e) isHexLike = false;
  }
  return { isPlain, digits, hex, colons, isHexLike, isMixed, name };
}

/** A host or a file, with a port or a line behind it. */
function isAddress(word: string): boolean {
  const colon = word.indexOf(':');
  if (colon < 1 || colon === word.length - 1) return false;
  for (let index = colon + 1; index < word.length; index += 1)
    if (kindOf(word.charCodeAt(index)) !== kinds.digit) return false;
  return true;
}

function isPath(word: string): boolean {
  return (
    (word.length > 1 &&
      (word[0] === '/' || word.startsWith('./') || word.startsWith('../') || word.startsWith('~/'))) ||
    word.includes('\\')
  );
}

/** An address of mail, or a Java object with its number: the class stays. */
function maskAt(word: string, sign: number): string {
  for (let index = sign + 1; index < word.length; index += 1) if (!isHex(word.charCodeAt(index))) return blank;
  const name = word.slice(0, sign);
  return lookAt(name).digits === 0 ? `${name}@${blank}` : blank;
}
