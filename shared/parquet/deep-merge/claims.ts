import { codecs, types } from '../footer-codec/file-metadata.ts';
import { wire, type WireReader } from '../footer-codec/wire.ts';
import { type Bounds, readBounds } from './bounds-union.ts';
import { codecOf, type InputCodec } from './codec.ts';
import { corrupt, encrypted, unsupported } from './fault.ts';
import type { Leaf } from './leaf.ts';
import { readSizes, type SizeClaims } from './size-claims.ts';

/** What a footer claims about a column chunk, as far as it can be checked without reading the chunk. */
export interface ChunkClaims {
  /** Where its first page begins in the file. */
  readonly start: number;
  /** Bytes of all its pages with their headers. */
  readonly length: number;
  /** Values, nulls included. */
  readonly values: number;
  readonly nulls: number | undefined;
  readonly codec: InputCodec;
  readonly bounds: Bounds | undefined;
  readonly sizes: SizeClaims | undefined;
  /** True when it has a bloom filter. */
  readonly hasBloom: boolean;
}

/**
 * Reads a ColumnChunk of parquet.thrift without making an object of each of its structs: a merge reads thousands.
 * `ordered` tells that the footer defines the order of the column's values.
 * @throws parquet.corrupt, parquet.encrypted, parquet.unsupported
 */
export function readClaims(reader: WireReader, leaf: Leaf, ordered: boolean): ChunkClaims {
  let claims: ChunkClaims | undefined;
  for (let type = reader.readFieldHeader(0); type !== wire.stop; type = reader.readFieldHeader(reader.fieldId)) {
    const id = reader.fieldId;
    if (id === 1) throw unsupported('its data lies in another file');
    if (id === 8 || id === 9) throw encrypted('it is encrypted');
    if (id === 3) claims = readMetadata(structIn(reader, type), leaf, ordered);
    else reader.skipField(type);
    reader.fieldId = id;
  }
  if (claims === undefined) throw corrupt('the chunk has no metadata');
  return claims;
}

function readMetadata(reader: WireReader, leaf: Leaf, ordered: boolean): ChunkClaims {
  let codec: number | undefined;
  let values = -1;
  let length = -1;
  let data = -1;
  let dictionary = 0;
  let sizes: SizeClaims | undefined;
  let hasBloom = false;
  let statistics: Statistics = {};
  for (let type = reader.readFieldHeader(0); type !== wire.stop; type = reader.readFieldHeader(reader.fieldId)) {
    const id = reader.fieldId;
    switch (id) {
      case 1:
        checkType(readInt(reader, type), leaf);
        break;
      case 3:
        checkPath(reader, type, leaf);
        break;
      case 4:
        codec = readInt(reader, type);
        break;
      case 5:
        values = readLong(reader, type);
        break;
      case 7:
        length = readLong(reader, type);
        break;
      case 9:
        data = readLong(reader, type);
        break;
      case 11:
        dictionary = readLong(reader, type);
        break;
      case 12:
        statistics = readStatistics(structIn(reader, type));
        break;
      case 14:
        hasBloom = readLong(reader, type) > 0;
        break;
      case 16:
        sizes = readSizes(structIn(reader, type));
        break;
      default:
        reader.skipField(type);
    }
    reader.fieldId = id;
  }
  if (codec === undefined || values < 0 || length < 0) throw corrupt(`${length} bytes, ${values} values`);
  const { nulls, min, max, minExact, maxExact } = statistics;
  return {
    // Some writers say 0 where there is no dictionary.
    start: dictionary > 0 && dictionary < data ? dictionary : data,
    length,
    values,
    nulls: nulls !== undefined && nulls >= 0 && nulls <= values ? nulls : undefined,
    codec: codecOf(codecs[codec] ?? String(codec)),
    bounds:
      ordered && min !== undefined && max !== undefined
        ? readBounds(leaf.order, { bytes: min, exact: minExact }, { bytes: max, exact: maxExact })
        : undefined,
    sizes,
    hasBloom,
  };
}

interface Statistics {
  nulls?: number;
  min?: Uint8Array;
  max?: Uint8Array;
  minExact?: boolean;
  maxExact?: boolean;
}

function readStatistics(reader: WireReader): Statistics {
  const statistics: Statistics = {};
  for (let type = reader.readFieldHeader(0); type !== wire.stop; type = reader.readFieldHeader(reader.fieldId)) {
    const id = reader.fieldId;
    if (id === 3) statistics.nulls = readLong(reader, type);
    // Bounds are kept when the bytes around them are forgotten.
    else if (id === 5) statistics.max = new Uint8Array(readBinary(reader, type));
    else if (id === 6) statistics.min = new Uint8Array(readBinary(reader, type));
    else if (id === 7) statistics.maxExact = type === wire.true;
    else if (id === 8) statistics.minExact = type === wire.true;
    else reader.skipField(type);
    reader.fieldId = id;
  }
  return statistics;
}

function checkType(type: number, { element }: Leaf): void {
  if (types[type] !== element.type)
    throw corrupt(`the chunk holds ${types[type] ?? `type ${type}`}, the schema says ${element.type}`);
}

function checkPath(reader: WireReader, type: number, { path }: Leaf): void {
  expectType(reader, type, wire.list);
  const count = reader.readListHeader();
  if (count > 0 && reader.elementType !== wire.binary) throw reader.corrupt('a path is no list of names');
  const names = Array.from({ length: count }, () => reader.readText());
  if (count !== path.length || names.some((name, index) => name !== path[index]))
    throw corrupt(`the chunk belongs to ${names.join('.')}`);
}

/** Checks that a field is a struct. */
export function structIn(reader: WireReader, type: number): WireReader {
  expectType(reader, type, wire.struct);
  return reader;
}

function readInt(reader: WireReader, type: number): number {
  expectType(reader, type, wire.i32);
  return reader.readInt();
}

/** Reads a field of 64 bits. */
export function readLong(reader: WireReader, type: number): number {
  expectType(reader, type, wire.i64);
  return reader.readSafeLong();
}

function readBinary(reader: WireReader, type: number): Uint8Array {
  expectType(reader, type, wire.binary);
  return reader.readBinary();
}

/** Throws parquet.corrupt when a field has not the wire type that it should have. */
export function expectType(reader: WireReader, type: number, expected: number): void {
  if (type !== expected)
    throw reader.corrupt(`field ${reader.fieldId} has the wire type ${type} instead of ${expected}`);
}
