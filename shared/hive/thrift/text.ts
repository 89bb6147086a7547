import { isUtf8 } from 'node:buffer';

import { LakewardenError } from '../../errors/error.ts';

// A byte that is no UTF-8 is kept as the lone surrogate U+DC00 + byte (Python's `surrogateescape`, PEP 383): valid
// UTF-8 never holds one, so each byte sequence has exactly one text and comes back as it was.
const escapeBase = 0xdc00;

/** Text of bytes that should be UTF-8; any others survive {@link encodeText}. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\ufffd')) return text;
  const slice = bytes.subarray(start, end);
  return isUtf8(slice) ? text : decodeBroken(slice);
}

function decodeBroken(bytes: Buffer): string {
  let text = '';
  for (let offset = 0; offset < bytes.length;) {
    const first = bytes[offset] as number;
    const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const character = bytes.subarray(offset, offset + length);
    const valid = character.length === length && isUtf8(character);
    text += valid ? character.toString('utf8') : String.fromCharCode(escapeBase + first);
    offset += valid ? length : 1;
  }
  return text;
}

/** Undoes {@link decodeText}. Throws metastore.invalid for a lone surrogate that stands for no byte. */
export function encodeText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const byte = character.charCodeAt(0) - escapeBase;
    if (character.isWellFormed()) parts.push(Buffer.from(character, 'utf8'));
    else if (byte >= 0x80 && byte <= 0xff) parts.push(Buffer.of(byte));
    else
      throw new LakewardenError(
        'metastore.invalid',
        'a text for the metastore holds half a character (a lone surrogate)',
      );
  }
  return Buffer.concat(parts);
}
