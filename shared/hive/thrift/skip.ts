import { brokenMessage, version, wire, widths } from './wire.ts';

// Deeper than any struct of Hive's IDL; a hostile peer shall not exhaust the stack.
const maxDepth = 64;

/** A place in bytes that may still be arriving: `end` is how far they are there, `limit` how far they may go. */
export interface Cursor {
  bytes: Buffer;
  offset: number;
  end: number;
  readonly limit: number;
}

/**
 * Moves a cursor past a value of a wire type, without building it. Yields when the bytes that are there do not
 * suffice, to be resumed when there are more; the offset may pass `end` over bytes that need not be looked at.
 * Throws metastore.protocol for lengths past the limit, unknown types, and nesting deeper than 64.
 */
export function* skipValue(at: Cursor, type: number, depth = 0): Generator<undefined, void> {
  if (depth > maxDepth) throw brokenMessage(`nested deeper than ${maxDepth}`);
  const width = widths[type];
  if (width !== undefined) {
    advance(at, width);
  } else if (type === wire.string) {
    while (at.end < at.offset + 4) yield;
    const length = at.bytes.readInt32BE(at.offset);
    advance(at, 4);
    advance(at, length);
  } else if (type === wire.struct) {
    for (;;) {
      while (at.end < at.offset + 1) yield;
      const fieldType = at.bytes[at.offset] as number;
      advance(at, fieldType === wire.stop ? 1 : 3);
      if (fieldType === wire.stop) return;
      yield* skipValue(at, fieldType, depth + 1);
    }
  } else if (type === wire.list || type === wire.set || type === wire.map) {
    const types = type === wire.map ? 2 : 1;
    while (at.end < at.offset + types + 4) yield;
    const items = [...at.bytes.subarray(at.offset, at.offset + types)];
    const count = at.bytes.readInt32BE(at.offset + types);
    advance(at, types + 4);
    // Each item takes a byte at least, so a count past the limit is a lie.
    if (count < 0 || count > at.limit - at.offset) throw brokenMessage(`a container of ${count} items`);
    for (let index = 0; index < count; index++) {
      for (const item of items) yield* skipValue(at, item, depth + 1);
    }
  } else {
    throw brokenMessage(`unknown type ${type}`);
  }
}

/** Moves a cursor past a strict message: version and kind, name, sequence id, and a struct. */
export function* skipMessage(at: Cursor): Generator<undefined, void> {
  while (at.end < at.offset + 4) yield;
  if (at.bytes.readUInt16BE(at.offset) !== version) {
    throw brokenMessage('it does not start with a version (is the port one of TLS, SASL or HTTP?)');
  }
  advance(at, 4);
  yield* skipValue(at, wire.string);
  advance(at, 4);
  yield* skipValue(at, wire.struct);
  while (at.end < at.offset) yield;
}

/** Moves a cursor past a length and as many bytes. */
export function* skipFrame(at: Cursor): Generator<undefined, void> {
  yield* skipValue(at, wire.string);
  while (at.end < at.offset) yield;
}

/** Runs a skip over bytes that are all there. Throws metastore.protocol when they end too early. */
export function finishSkip(at: Cursor, skip: Generator<undefined, void>): void {
  if (skip.next().done !== true || at.offset > at.end) throw brokenMessage('it ends too early');
}

function advance(at: Cursor, count: number): void {
  if (count < 0 || count > at.limit - at.offset) throw brokenMessage(`a length of ${count} bytes`);
  at.offset += count;
}
