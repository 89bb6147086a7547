/**
 * Writes an attribute as an HTTP header: everything but printable ASCII, and space, `"` and `%`, is percent-encoded
 * (CloudEvents HTTP binding 1.0.2, section 3.1.3.2).
 */
export function encodeHeaderValue(text: string): string {
  return text.toWellFormed().replaceAll(/[^!#$&-~]+/g, (part) => percentEncode(Buffer.from(part)));
}

// Making a decoder costs more than decoding; one that is used for whole texts keeps nothing of the text before.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads an attribute from an HTTP header: double quotes and backslashes are taken off, then one round of percent-decoding.
 * A `%` that begins no escape stays as it is. Returns `undefined` when the result is not UTF-8.
 */
export function decodeHeaderValue(header: string): string | undefined {
  // Nearly all are plain: neither quoted nor encoded, and printable ASCII.
  if (/^(?!")[ -$&-~]*$/.test(header)) return header;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(header);
  const text = quoted ? (quoted[1] ?? '').replaceAll(/\\(.)/gs, '$1') : header;
  // Node reads each byte of a header as one character.
  const bytes = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  try {
    return strictUtf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

function percentEncode(bytes: Buffer): string {
  return [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
