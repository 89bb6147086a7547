/** Why a text is no JSON (RFC 8259). */
export type JsonFaultCode =
  | 'empty'
  | 'byte-order-mark'
  | 'utf8'
  | 'truncated'
  | 'trailing'
  | 'several-documents'
  | 'missing-comma'
  | 'trailing-comma'
  | 'missing-colon'
  | 'unquoted-key'
  | 'single-quote'
  | 'comment'
  | 'literal'
  | 'number'
  | 'control-character'
  | 'escape'
  | 'wrong-bracket'
  | 'unexpected-character';

/** What is allowed but read differently by different parsers (RFC 8259, sections 4, 6 and 8.2). */
export type JsonNoteCode = 'duplicate-key' | 'lone-surrogate' | 'large-number';

/** A place in a JSON text. */
export interface JsonPlace {
  /** From 0. */
  readonly byte: number;
  /** From 1; lines end with a line feed. */
  readonly line: number;
  /** Bytes from the beginning of the line, from 1. */
  readonly column: number;
  /** JSON pointer (RFC 6901) of the value that is being read; the middle is left out where it is very deep. */
  readonly path: string;
}

/** Where and why a text is no JSON. */
export interface JsonFault extends JsonPlace {
  readonly code: JsonFaultCode;
}

/** Something that parsers do not agree about, at its first place. */
export interface JsonNote extends JsonPlace {
  readonly code: JsonNoteCode;
}

/** What was found in a text: nothing to object to when there is no fault. */
export interface JsonReport {
  readonly fault?: JsonFault;
  readonly notes: readonly JsonNote[];
  /** Containers within each other, at most. */
  readonly depth: number;
}
