import type { PayloadFormat } from './diagnosis.ts';
import { scanJson } from './json-scanner.ts';

/** What content alone can tell; the formats that name a schema are not among them. */
export type ContentFormat = Exclude<PayloadFormat, 'avro' | 'json-schema' | 'protobuf'>;

/** Formats that only wrap others. */
const compressions: ReadonlySet<ContentFormat> = new Set(['gzip', 'zstd', 'lz4', 'snappy', 'bzip2', 'xz', 'zip']);

/** Beginnings that tell a format, in the order in which they are tried. */
const magics: readonly (readonly [ContentFormat, string])[] = [
  ['avro-container', '4f626a01'],
  ['parquet', '50415231'],
  // A Parquet file with an encrypted footer.
  ['parquet', '50415245'],
  ['orc', '4f5243'],
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['lz4', '04224d18'],
  // The framing of the Java client, and the one of the format's own description.
  ['snappy', '82534e4150505900'],
  ['snappy', 'ff060000734e61507059'],
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a00'],
  ['zip', '504b0304'],
  ['java-serialised', 'aced0005'],
  ['pdf', '255044462d'],
  ['png', '89504e470d0a1a0a'],
  ['jpeg', 'ffd8ff'],
  ['elf', '7f454c46'],
  ['utf16', 'fffe'],
  ['utf16', 'feff'],
];
const signatures = magics.map(([format, hex]) => ({ format, bytes: Buffer.from(hex, 'hex') }));

/** Bytes of a value that decide about text or not. */
const sampleBytes = 4_096;

/** Tells what bytes are by content alone; never by a name. `null` is a Kafka value that is not there. */
export function contentFormat(bytes: Uint8Array | null): ContentFormat {
  if (bytes === null) return 'null';
  if (bytes.length === 0) return 'empty';
  const found = signatures.find(({ bytes: magic }) => startsWith(bytes, magic));
  if (found !== undefined) return found.format;
  if (looksLikeUtf16(bytes)) return 'utf16';
  const start = hasMark(bytes) ? 3 : 0;
  const first = firstVisible(bytes, start);
  if (first === 0x7b || first === 0x5b) return 'json';
  if (first === 0x3c) return 'xml';
  if (!isText(bytes.subarray(0, sampleBytes))) return 'binary';
  // Lines of logs and of CSV begin like numbers and texts of JSON: these are JSON only to their very end.
  const isLikeJson = first === 0x22 || first === 0x2d || isDigitByte(first);
  return isLikeJson && scanJson(bytes.subarray(start)).fault === undefined ? 'json' : 'text';
}

/** True for a format that only wraps another one. */
export function isCompression(format: ContentFormat): boolean {
  return compressions.has(format);
}

function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte);
}

/** True where the text begins with a byte order mark of UTF-8. */
function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** The first byte from a place on that is no space. */
function firstVisible(bytes: Uint8Array, start: number): number | undefined {
  let at = start;
  while (at < bytes.length && [0x20, 0x09, 0x0a, 0x0d].includes(bytes[at] as number)) at += 1;
  return bytes[at];
}

/** Latin text as UTF-16 without a mark: every second byte is nought. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  if (bytes.length < 4 || bytes.length % 2 !== 0) return false;
  const sample = bytes.subarray(0, 64);
  const zeros = [0, 0];
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] as number) + 1;
  const half = sample.length / 2;
  return (zeros[0] === 0 && zeros[1] === half) || (zeros[1] === 0 && zeros[0] === half);
}

/** No control characters but those of text; where it is not UTF-8, most of it must be ASCII: numbers in binary are no text. */
function isText(bytes: Uint8Array): boolean {
  let high = 0;
  for (const byte of bytes) {
    if (byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b) return false;
    if (byte >= 0x80) high += 1;
  }
  return 2 * high < bytes.length || beginsAsUtf8(bytes);
}

/** The end may lie within a character. */
function beginsAsUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function isDigitByte(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
