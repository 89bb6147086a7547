import { isUtf8 } from 'node:buffer';

/** Reads bytes as one kind of value; undefined when they are none of that kind. Never throws. */
export type Reading<Value> = (bytes: Uint8Array) => Value | undefined;

/** The same bytes as a Buffer, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A name or number in UTF-8; what is not UTF-8 is none. */
export function readText(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? asBuffer(bytes).toString('utf8') : undefined;
}

/** A text for people: producers cut it between the bytes of a character, so that what is not UTF-8 is replaced. */
export function readProse(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('utf8');
}

const longestLong = 20;
const greatestLong = 2n ** 63n - 1n;
const greatestInt = 2 ** 31 - 1;

/** A whole number in decimal digits, as Java writes a long. */
export function readDecimal(bytes: Uint8Array): bigint | undefined {
  const { length } = bytes;
  const start = bytes[0] === 0x2d ? 1 : 0;
  if (length === start || length > longestLong) return undefined;
  for (let index = start; index < length; index += 1) {
    const digit = bytes[index] as number;
    if (digit < 0x30 || digit > 0x39) return undefined;
  }
  const value = BigInt(asBuffer(bytes).toString('latin1'));
  return value > greatestLong || value < -greatestLong - 1n ? undefined : value;
}

/** A whole number from 0 to 2^31-1 in decimal digits, as Java writes an int. */
export function readDecimalInt(bytes: Uint8Array): number | undefined {
  const value = readDecimal(bytes);
  return value === undefined || value < 0n || value > greatestInt ? undefined : Number(value);
}

/** Four bytes, big-endian, signed. */
export function readInt32(bytes: Uint8Array): number | undefined {
  return bytes.length === 4 ? asBuffer(bytes).readInt32BE() : undefined;
}

/** Eight bytes, big-endian, signed. */
export function readInt64(bytes: Uint8Array): bigint | undefined {
  return bytes.length === 8 ? asBuffer(bytes).readBigInt64BE() : undefined;
}

/** One to eight bytes, big-endian, signed, as short as the number allows (Java's BigInteger.toByteArray). */
export function readMinimal(bytes: Uint8Array): bigint | undefined {
  if (bytes.length === 0 || bytes.length > 8) return undefined;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

/** A count of one byte or of four, as older and newer producers of one family write it. */
export function readByteOrInt32(bytes: Uint8Array): number | undefined {
  return bytes.length === 1 ? bytes[0] : readInt32(bytes);
}

/** Milliseconds since the epoch of a time in ISO 8601 that names its zone; without a zone nobody can tell. */
export function parseInstant(text: string): bigint | undefined {
  if (text.length > 40 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : BigInt(milliseconds);
}

/** Reads what {@link parseInstant} parses. */
export function readInstant(bytes: Uint8Array): bigint | undefined {
  const text = readText(bytes);
  return text === undefined ? undefined : parseInstant(text);
}

/** Text in Base64 that may be cut anywhere, also within a character; text that is no Base64 is taken as it is. */
export function readCutBase64(bytes: Uint8Array): string {
  const text = readProse(bytes);
  if (!isBase64(text)) return text;
  const decoded = Buffer.from(text, 'base64');
  return decoded.subarray(0, wholeCharacters(decoded)).toString('utf8');
}

function isBase64(text: string): boolean {
  if (text.length < 4) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isDigit = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    const isPadding = code === 0x3d && index >= text.length - 2;
    if (!isDigit && !isPadding && code !== 0x2b && code !== 0x2f) return false;
  }
  return true;
}

/** The length without a last character that is cut. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return back < wanted ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
