import type { WireReading } from './wire-format.ts';

/** Which message of a Protobuf schema a payload is: by indexes as Confluent has it, or by its name as Apicurio has it. */
export type MessageName = readonly number[] | string;

/** A message's name, and where the payload begins behind it. */
export interface NamedMessage {
  readonly message: MessageName;
  readonly payloadAt: number;
}

/** Which message a payload is where nothing names it. */
const firstMessage: MessageName = [0];

/**
 * The message of a Protobuf payload. Confluent's indexes stand before the payload, or in the header behind the schema's number.
 * Apicurio names it in a header, or in a length-delimited message `Ref` before the payload. Undefined when indexes are broken.
 */
export function readMessageName(
  bytes: Uint8Array,
  { layout, payloadAt, message }: Pick<WireReading, 'layout' | 'payloadAt' | 'message'>,
): NamedMessage | undefined {
  if (message !== undefined) return { message, payloadAt };
  const rest = bytes.subarray(payloadAt);
  if (layout === 'confluent-prefix') {
    const found = readMessageIndexes(rest);
    return found && { message: found.indexes, payloadAt: payloadAt + found.end };
  }
  const found = layout === 'confluent-header' ? undefined : readRef(rest);
  return { message: found?.name ?? firstMessage, payloadAt: payloadAt + (found?.end ?? 0) };
}

/** Apicurio's `Ref`: its length, then the field 1 with the name of a message. Undefined when none stands there. */
function readRef(bytes: Uint8Array): { readonly name: string; readonly end: number } | undefined {
  const [length = 0, tag, nameLength = 0] = bytes;
  if (tag !== 0x0a || length !== nameLength + 2 || length > 0x7f || bytes.length < length + 1) return undefined;
  const name = Buffer.from(bytes.subarray(3, length + 1)).toString('latin1');
  return /^[A-Za-z_]\w*$/.test(name) ? { name, end: length + 1 } : undefined;
}

/** The message indexes that stand before a Protobuf payload in Confluent's format: zigzag numbers, `0` alone for the first. */
export function readMessageIndexes(
  bytes: Uint8Array,
): { readonly indexes: readonly number[]; readonly end: number } | undefined {
  let at = 0;
  const next = (): number | undefined => {
    let [value, shift] = [0, 0];
    for (; shift < 35; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    return undefined;
  };
  const count = next();
  if (count === undefined || count < 0 || count > bytes.length) return undefined;
  if (count === 0) return { indexes: [0], end: at };
  const indexes: number[] = [];
  for (let read = 0; read < count; read += 1) {
    const index = next();
    if (index === undefined || index < 0) return undefined;
    indexes.push(index);
  }
  return { indexes, end: at };
}
