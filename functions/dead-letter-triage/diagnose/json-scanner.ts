import {
  backslash,
  closeArray,
  closeObject,
  hexDigit,
  isDigit,
  isExponent,
  isLetter,
  openArray,
  openObject,
  quote,
} from './json-bytes.ts';
import { JsonPath } from './json-path.ts';
import type { JsonFault, JsonFaultCode, JsonNote, JsonNoteCode, JsonPlace, JsonReport } from './json-report.ts';
import { findUtf8Fault } from './utf8.ts';

/** Reads a text to its end or to the first fault; loops, so that no depth overflows the stack. */
export function scanJson(bytes: Uint8Array): JsonReport {
  const scanner = new JsonScanner(bytes);
  try {
    scanner.scan();
    return { notes: [...scanner.notes.values()], depth: scanner.path.deepest };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { fault: error.fault, notes: [...scanner.notes.values()], depth: scanner.path.deepest };
  }
}

/** Ends a scan; no error, so that no stack is taken. */
class Stop {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    this.fault = fault;
  }
}

class JsonScanner {
  readonly path: JsonPath;
  readonly notes = new Map<JsonNoteCode, JsonNote>();
  readonly #bytes: Uint8Array;
  /** Where the bytes stop being UTF-8. */
  readonly #invalid: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.path = new JsonPath(bytes);
    this.#invalid = findUtf8Fault(bytes)?.byte ?? Infinity;
  }

  scan(): void {
    const bytes = this.#bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw this.#stop('byte-order-mark', 0);
    this.#skipSpace();
    if (this.#at === bytes.length) throw this.#stop('empty');
    for (;;) {
      if (this.#openValue()) continue;
      while (this.#closeOne());
      if (this.path.depth === 0) break;
      this.#nextEntry();
    }
    const end = this.#at;
    this.#skipSpace();
    if (this.#at < bytes.length) throw this.#stop(this.#trailing(end));
  }

  /** Reads a scalar, or opens a container; true when its first entry is to be read. */
  #openValue(): boolean {
    const byte = this.#bytes[this.#at];
    if (byte === openObject || byte === openArray) {
      this.#at += 1;
      this.path.open(byte === openObject);
      this.#skipSpace();
      const close = byte === openObject ? closeObject : closeArray;
      if (this.#bytes[this.#at] === close) return false;
      if (byte === openObject) this.#readKey();
      else this.path.enterIndex();
      return true;
    }
    if (byte === quote) this.#readString();
    else if (byte === 0x2d || isDigit(byte)) this.#readNumber();
    else this.#readLiteral();
    this.#skipSpace();
    return false;
  }

  /** Closes the innermost container when its end is here. */
  #closeOne(): boolean {
    if (this.path.depth === 0) return false;
    const byte = this.#bytes[this.#at];
    if (byte !== closeObject && byte !== closeArray) return false;
    if ((byte === closeObject) !== this.path.isObject) throw this.#stop('wrong-bracket');
    this.#at += 1;
    this.path.close();
    if (this.path.depth > 0) this.#skipSpace();
    return true;
  }

  #nextEntry(): void {
    const byte = this.#bytes[this.#at];
    if (byte !== 0x2c) throw this.#stop(byte === undefined ? 'truncated' : this.#separator(byte));
    const comma = this.#at;
    this.#at += 1;
    this.#skipSpace();
    const next = this.#bytes[this.#at];
    if (next === closeObject || next === closeArray) throw this.#stop('trailing-comma', comma);
    if (this.path.isObject) this.#readKey();
    else this.path.enterIndex();
  }

  #separator(byte: number): JsonFaultCode {
    if (byte === 0x2f) return 'comment';
    const begins = byte === quote || byte === openObject || byte === openArray || isDigit(byte) || isLetter(byte);
    return begins || byte === 0x2d ? 'missing-comma' : 'unexpected-character';
  }

  #readKey(): void {
    const start = this.#at;
    const byte = this.#bytes[start];
    if (byte === undefined) throw this.#stop('truncated');
    if (byte !== quote) throw this.#stop(keyFault(byte));
    this.#readString();
    if (this.path.enterKey(start, this.#at)) this.#note('duplicate-key', start);
    this.#skipSpace();
    const colon = this.#bytes[this.#at];
    if (colon === undefined) throw this.#stop('truncated');
    if (colon !== 0x3a) throw this.#stop('missing-colon');
    this.#at += 1;
    this.#skipSpace();
  }

  #readString(): void {
    const bytes = this.#bytes;
    let high = -1;
    for (let at = this.#at + 1; ;) {
      const byte = bytes[at];
      if (byte === undefined) throw this.#stop('truncated', at);
      if (at === this.#invalid) throw this.#stop('utf8', at);
      if (byte < 0x20) throw this.#stop('control-character', at);
      const unit = byte === backslash ? this.#readEscape(at) : -1;
      const isLow = unit >= 0xdc00 && unit <= 0xdfff;
      if (isLow !== high >= 0) this.#note('lone-surrogate', isLow ? at : high);
      high = unit >= 0xd800 && unit <= 0xdbff ? at : -1;
      if (byte === quote) {
        this.#at = at + 1;
        return;
      }
      at += byte !== backslash ? 1 : bytes[at + 1] === 0x75 ? 6 : 2;
    }
  }

  /** The UTF-16 code unit that an escape names; -1 for the short ones. */
  #readEscape(at: number): number {
    const kind = this.#bytes[at + 1];
    if (kind === undefined) throw this.#stop('truncated', at + 1);
    if (kind !== 0x75) {
      if (!shortEscapes.has(kind)) throw this.#stop('escape', at);
      return -1;
    }
    let unit = 0;
    for (let index = at + 2; index < at + 6; index += 1) {
      const byte = this.#bytes[index];
      if (byte === undefined) throw this.#stop('truncated', index);
      const digit = hexDigit(byte);
      if (digit < 0) throw this.#stop('escape', at);
      unit = unit * 16 + digit;
    }
    return unit;
  }

  #readNumber(): void {
    const start = this.#at;
    let at = start + Number(this.#bytes[start] === 0x2d);
    const digits = (from: number): number => {
      let end = from;
      while (isDigit(this.#bytes[end])) end += 1;
      if (end === from) throw this.#stop(end === this.#bytes.length ? 'truncated' : 'number', end);
      return end;
    };
    const whole = at;
    at = digits(at);
    if (this.#bytes[whole] === 0x30 && at > whole + 1) throw this.#stop('number', whole);
    const isWhole = this.#bytes[at] !== 0x2e && !isExponent(this.#bytes[at]);
    if (this.#bytes[at] === 0x2e) at = digits(at + 1);
    if (isExponent(this.#bytes[at])) {
      const sign = this.#bytes[at + 1];
      at = digits(at + (sign === 0x2b || sign === 0x2d ? 2 : 1));
    }
    if (isLetter(this.#bytes[at]) || this.#bytes[at] === 0x2e) throw this.#stop('number', at);
    if (isLarge(this.#bytes, start, at, isWhole ? at - whole : 0)) this.#note('large-number', start);
    this.#at = at;
  }

  #readLiteral(): void {
    const start = this.#at;
    const byte = this.#bytes[start];
    for (const literal of literals) {
      let length = 0;
      while (length < literal.length && this.#bytes[start + length] === literal[length]) length += 1;
      const next = this.#bytes[start + length];
      if (length > 0 && next === undefined && length < literal.length) throw this.#stop('truncated', start + length);
      if (length === literal.length && !isLetter(next)) {
        this.#at = start + length;
        return;
      }
    }
    if (byte === undefined) throw this.#stop('truncated');
    throw this.#stop(valueFault(byte));
  }

  #trailing(end: number): JsonFaultCode {
    const byte = this.#bytes[this.#at] as number;
    if (byte === 0x2f) return 'comment';
    const begins = byte === openObject || byte === openArray;
    return begins && this.#bytes.subarray(end, this.#at).includes(0x0a) ? 'several-documents' : 'trailing';
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; ; at += 1) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    }
    this.#at = at;
  }

  #note(code: JsonNoteCode, at: number): void {
    if (!this.notes.has(code)) this.notes.set(code, { code, ...this.#place(at) });
  }

  #stop(code: JsonFaultCode, at = this.#at): Stop {
    return new Stop({ code, ...this.#place(at) });
  }

  #place(byte: number): JsonPlace {
    let [line, lineStart] = [1, 0];
    for (let at = this.#bytes.indexOf(0x0a); at >= 0 && at < byte; at = this.#bytes.indexOf(0x0a, at + 1)) {
      line += 1;
      lineStart = at + 1;
    }
    return { byte, line, column: byte - lineStart + 1, path: this.path.pointer() };
  }
}

const literals = ['true', 'false', 'null'].map((literal) => new TextEncoder().encode(literal));
const shortEscapes = new Set(new TextEncoder().encode('"\\/bfnrt'));

function keyFault(byte: number): JsonFaultCode {
  if (byte === 0x27) return 'single-quote';
  if (byte === 0x2f) return 'comment';
  return isLetter(byte) || isDigit(byte) ? 'unquoted-key' : 'unexpected-character';
}

function valueFault(byte: number): JsonFaultCode {
  if (byte === 0x27) return 'single-quote';
  if (byte === 0x2f) return 'comment';
  if (byte === 0x2b || byte === 0x2e) return 'number';
  return isLetter(byte) ? 'literal' : 'unexpected-character';
}

/** True for a number that not every parser keeps: more digits than a double holds, or beyond its range. */
function isLarge(bytes: Uint8Array, start: number, end: number, wholeDigits: number): boolean {
  if (wholeDigits > 0 && wholeDigits < 16) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(end - start, 400)).toString('latin1');
  return wholeDigits > 0 ? !Number.isSafeInteger(Number(text)) : !Number.isFinite(Number(text));
}
