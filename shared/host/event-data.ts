import { LakewardenError } from '#shared/errors/error.ts';

/** True for `application/json`, `text/json` and any type that ends in `+json`. */
function isJsonType(contentType: string): boolean {
  return /^[^;]*(?:\/|\+)json\s*(?:;|$)/i.test(contentType);
}

/**
 * The data of an event from its bytes: JSON parsed, text decoded, anything else as bytes; no bytes are no data.
 * @throws LakewardenError `event.invalid` for broken JSON or text, `event.unsupported` for an unknown character set.
 */
export function readData(contentType: string | undefined, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  if (contentType === undefined) return bytes;
  if (isJsonType(contentType)) return parseJson(decodeText(bytes, 'utf-8'));
  if (/^text\//i.test(contentType))
    return decodeText(bytes, /;\s*charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8');
  return bytes;
}

/** Parses JSON. @throws LakewardenError `event.invalid` that says where it breaks, without quoting the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const place = /at position \d+/.exec((error as Error).message)?.[0] ?? `in ${text.length} characters`;
    throw new LakewardenError('event.invalid', `the body is not valid JSON: error ${place}`);
  }
}

/** Decodes text strictly. @throws LakewardenError `event.invalid`, or `event.unsupported` for an unknown character set. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const decoder = makeDecoder(charset);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new LakewardenError('event.invalid', `the body is not valid ${decoder.encoding}`);
  }
}

// Making a decoder costs more than decoding; one that is used for whole texts keeps nothing of the text before.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function makeDecoder(charset: string): InstanceType<typeof TextDecoder> {
  if (charset === 'utf-8') return strictUtf8;
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    throw new LakewardenError('event.unsupported', 'the character set of the body is not known');
  }
}
