import { asBuffer } from '../letter/bytes.ts';
import { isUtf8 } from 'node:buffer';
import { isCard, isIban, isPhone } from './numbers.ts';

/** Characters of a text that are shown at most. */
const longest = 8_192;
/** Characters that are looked at beyond those, and never shown where the text is cut. */
const margin = 512;
/** What stands for a secret: not even its length is told. */
const secret = '***';

const secretNames =
  'pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|account[-_]?key|private[-_]?key|credentials?|signature|sig|session[-_]?id|sid';

// Each has one repetition at a time with a limit, so that none can run away; the text is cut before.
const masks: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8192}(?:-----END [A-Z ]{0,30}-----)?/g, () => secret],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s{0,4}[:=])[^\r\n]{1,8192}/gi,
    (_, name, mark) => `${name}${mark} ${secret}`,
  ],
  [/\b(bearer|basic)\s{1,4}[\w.~+/=-]{6,8192}/gi, (_, scheme) => `${scheme} ${secret}`],
  [/\beyJ[\w-]{4,4096}\.[\w-]{2,4096}(?:\.[\w-]{0,4096})?/g, () => secret],
  [/(?<=:\/\/)[^/\s@'"]{1,512}@/g, () => `${secret}@`],
  [
    new RegExp(
      `\\b([\\w.-]{0,40}(?:${secretNames})["']?\\s{0,4}[:=]\\s{0,4})("[^"]{0,2048}"?|'[^']{0,2048}'?|[^\\s,;&"'})\\]]{1,2048})`,
      'gi',
    ),
    (_, name) => `${name}${secret}`,
  ],
  [
    /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,255}|\bxox[abprs]-[\w-]{10,255}|\bsk[-_][\w-]{16,255}/g,
    () => secret,
  ],
  [/[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu, (found) => shapeOf(found)],
  [/\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]){11,30}\b/gi, (found) => maskPart(found, isIban)],
  [/(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])/g, (found) => maskPart(found, isCard)],
  [/(?<![\w.])[+(]?\d[\d ()./-]{6,20}\d(?!\w)/g, (found) => maskIf(found, isPhone)],
  [/(?<![\w/+-])(?=[\w/+=-]{0,255}\d)(?=[\w/+=-]{0,255}[a-z])(?=[\w/+=-]{0,255}[A-Z])[\w/+=-]{32,8192}/g, () => secret],
];

/**
 * A text for reports, logs and events: mail addresses, cards, account and phone numbers keep their shape only; tokens, keys,
 * passwords and cookies become `***`. At most 8,192 characters.
 */
export function maskText(text: string): string {
  const isCut = text.length > longest + margin;
  let masked = isCut ? text.slice(0, longest + margin) : text;
  for (const [found, replace] of masks) masked = masked.replaceAll(found, replace);
  // Half a secret at the end would not be known for one.
  return masked.slice(0, Math.min(longest, isCut ? masked.length - margin : longest));
}

function maskIf(found: string, is: (text: string) => boolean): string {
  return is(found) ? shapeOf(found) : found;
}

/** Letters become x and X, digits 0; all else stays, so that length, case and marks can be told. */
export function shapeOf(text: string): string {
  return text
    .replaceAll(/\p{Lu}/gu, 'X')
    .replaceAll(/[\p{L}\p{M}]/gu, (found) => (found === 'X' ? 'X' : 'x'))
    .replaceAll(/\p{N}/gu, '0');
}

/** Masks what is such a number among the groups of a text, the longest first: words and numbers may stand beside it. */
function maskPart(found: string, is: (text: string) => boolean): string {
  const groups = found.split(/(?=[ -])/);
  for (let count = groups.length; count > 0; count -= 1)
    for (let from = 0; from + count <= groups.length; from += 1) {
      const part = groups.slice(from, from + count).join('');
      if (!is(part.replace(/^[ -]/, ''))) continue;
      const rest = groups.slice(from + count).join('');
      return groups.slice(0, from).join('') + shapeOf(part) + (rest === '' ? '' : maskPart(rest, is));
    }
  return found;
}

const secretHeaders = /authorization|cookie|password|secret|token|api[-_]?key|credential|signature/i;

/** The value of a header for reports: nothing of those that carry secrets, all others as text. */
export function maskHeader(name: string, value: Uint8Array | null): string | null {
  if (value === null) return null;
  if (secretHeaders.test(name.slice(0, 256))) return secret;
  return isUtf8(value) ? maskText(asBuffer(value).subarray(0, longest).toString('utf8')) : `${value.length} bytes`;
}

/** Bytes of a payload of which the shape is shown. */
const longestShape = 1_024;

/**
 * A payload for reports: its shape, and of JSON the names of fields. Values are never shown. What is not text is told by its
 * length only; null stays null.
 */
export function maskPayload(payload: Uint8Array | null): string | null {
  if (payload === null) return null;
  const start = asBuffer(payload).subarray(0, longestShape);
  if (!isUtf8(payload) || start.includes(0)) return `${payload.length} bytes`;
  const text = start.toString('utf8').replaceAll('\ufffd', '');
  const shape = shapeValues(text);
  return payload.length > longestShape ? `${shape}… (${payload.length} bytes)` : shape;
}

/** Strings that a colon follows are names of fields; of all else only the shape stays. */
function shapeValues(text: string): string {
  let shape = '';
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return shape + shapeLiterals(text.slice(at));
    shape += shapeLiterals(text.slice(at, quote));
    const end = endOfString(text, quote + 1);
    const isField = /^\s*:/.test(text.slice(end, end + 16));
    const body = text.slice(quote, end);
    shape += isField ? maskText(body) : shapeOf(body);
    at = end;
  }
  return shape;
}

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function shapeLiterals(text: string): string {
  return text.replaceAll(/[\p{L}\p{N}]+/gu, (word) => (/^(?:true|false|null)$/.test(word) ? word : shapeOf(word)));
}
