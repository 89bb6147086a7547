/** What a key or value turned out to be, by its bytes. `avro`, `json-schema` and `protobuf` are those that name a schema. */
export type PayloadFormat =
  | 'null'
  | 'empty'
  | 'json'
  | 'xml'
  | 'text'
  | 'utf16'
  | 'avro'
  | 'json-schema'
  | 'protobuf'
  | 'avro-container'
  | 'parquet'
  | 'orc'
  | 'gzip'
  | 'zip'
  | 'zstd'
  | 'lz4'
  | 'snappy'
  | 'bzip2'
  | 'xz'
  | 'java-serialised'
  | 'pdf'
  | 'png'
  | 'jpeg'
  | 'elf'
  | 'binary';

/** The closed list of what can be wrong with bytes, with what each means. A fault is never passing trouble of a registry. */
export const faultCodes = {
  'utf8.invalid': 'the text is not UTF-8',
  'utf8.mark': 'the text begins with a byte order mark',
  'json.syntax': 'the text is not JSON',
  'json.truncated': 'the JSON ends too early',
  'json.trailing': 'something stands behind the JSON',
  'json.depth': 'the JSON is nested deeper than readers follow',
  'json.duplicate': 'an object has a field twice',
  'json.surrogate': 'a text in the JSON holds half a character',
  'json.number': 'a number is outside what JSON allows or readers hold',
  'bytes.truncated': 'the bytes end within the value',
  'bytes.trailing': 'bytes are left behind the value',
  'format.foreign': 'the bytes are of another format than the topic has',
  'format.compressed': 'the value is compressed by itself',
  'wire.magic': 'the bytes do not begin as the wire format does',
  'wire.short': 'the bytes end within the number of the schema',
  'schema.unknown': 'the registry does not know the schema',
  'schema.foreign': 'the schema belongs to another subject',
  'avro.mismatch': 'the bytes do not follow the Avro schema that they name',
  'protobuf.wire': 'the bytes are not fields of Protobuf',
  'protobuf.mismatch': 'the fields do not follow the Protobuf schema',
  'schema.missing': 'a field that the schema wants is missing',
  'schema.type': 'a field has another type than the schema has',
  'schema.enum': 'a field has a value that the schema does not list',
  'schema.range': 'a value is longer, larger or smaller than the schema allows',
  'schema.additional': 'a field is there that the schema does not allow',
} as const;

/** What is wrong with bytes. */
export type FaultCode = keyof typeof faultCodes;

/** A schema of a registry, as bytes or headers name it. */
export interface NamedSchema {
  /** Number in the registry; Apicurio's may take 8 bytes. */
  readonly id?: bigint;
  /** Where a header names it so, in lower case with dashes. */
  readonly guid?: string;
  readonly subject?: string;
  readonly version?: number;
}

/** One thing that is wrong. No field holds any part of the payload's values, only names and positions. */
export interface Fault {
  readonly code: FaultCode;
  /** Which rule of the format or the schema is broken: a word of a closed list, such as `missing-comma` or `union-branch`. */
  readonly detail?: string;
  /** Position in the bytes, from 0. */
  readonly byte?: number;
  /** Line of the text, from 1. */
  readonly line?: number;
  /** Bytes from the beginning of the line, from 1. */
  readonly column?: number;
  /** JSON pointer (RFC 6901) to where it is wrong. */
  readonly path?: string;
  /** Name of the field in the schema, with those of its parents before it, joined by dots. */
  readonly field?: string;
  /** Version of the subject under which the bytes can be read. */
  readonly acceptedBy?: number;
}

/** What is known of a key or value by its bytes and, where one answered, a registry. Plain data. */
export interface Diagnosis {
  readonly format: PayloadFormat;
  /** How the format is packed: `confluent`, `apicurio`, `header`; absent for bare bytes. */
  readonly encoding?: 'confluent' | 'apicurio' | 'header';
  readonly schema?: NamedSchema;
  /** The first is the one that matters most. */
  readonly faults: readonly Fault[];
  /** True when a registry was needed and did not answer: what it would have told is unknown. */
  readonly incomplete?: boolean;
}
