import { wire, type WireReader } from '../footer-codec/wire.ts';
import type { Leaf } from './leaf.ts';

/** SizeStatistics of parquet.thrift, as a footer claims them for a column chunk. */
export interface SizeClaims {
  /** Bytes of all byte arrays without their lengths. */
  readonly bytes?: number;
  /** Values of each level, from 0 on. */
  readonly repetition?: readonly number[];
  readonly definition?: readonly number[];
}

/** Reads SizeStatistics, whose header was read. @throws parquet.corrupt */
export function readSizes(reader: WireReader): SizeClaims {
  const sizes: { -readonly [Key in keyof SizeClaims]: SizeClaims[Key] } = {};
  for (let type = reader.readFieldHeader(0); type !== wire.stop; type = reader.readFieldHeader(reader.fieldId)) {
    const id = reader.fieldId;
    if (id === 1 && type === wire.i64) sizes.bytes = reader.readSafeLong();
    else if (id === 2 && type === wire.list) sizes.repetition = readCounts(reader);
    else if (id === 3 && type === wire.list) sizes.definition = readCounts(reader);
    else reader.skipField(type);
    reader.fieldId = id;
  }
  return sizes;
}

function readCounts(reader: WireReader): number[] {
  const count = reader.readListHeader();
  if (count > 0 && reader.elementType !== wire.i64) throw reader.corrupt('a histogram is no list of numbers');
  const counts: number[] = [];
  for (let index = 0; index < count; index++) counts.push(reader.readSafeLong());
  return counts;
}

/** A chunk with what is claimed of its sizes. */
interface Sized {
  readonly claims: { readonly values: number; readonly sizes: SizeClaims | undefined };
}

/** The sizes of several chunks together; what one of them does not say, or says in a way that cannot be, is left out. */
export function sumSizes(chunks: readonly Sized[], { maxDefinition, maxRepetition }: Leaf): SizeClaims {
  let bytes: number | undefined = 0;
  for (const { claims } of chunks) {
    const own: number | undefined = claims.sizes?.bytes;
    bytes = bytes === undefined || own === undefined || own < 0 ? undefined : bytes + own;
  }
  const repetition = sumCounts(chunks, 'repetition', maxRepetition);
  const definition = sumCounts(chunks, 'definition', maxDefinition);
  return {
    ...(bytes !== undefined && chunks.length > 0 && { bytes }),
    ...(repetition && { repetition }),
    ...(definition && { definition }),
  };
}

function sumCounts(
  chunks: readonly Sized[],
  kind: 'repetition' | 'definition',
  max: number,
): readonly number[] | undefined {
  if (max === 0) return undefined;
  const sums = Array<number>(max + 1).fill(0);
  for (const { claims } of chunks) {
    const counts = claims.sizes?.[kind];
    if (counts?.length !== sums.length || counts.some((count) => count < 0)) return undefined;
    if (counts.reduce((sum, count) => sum + count, 0) !== claims.values) return undefined;
    for (const [level, count] of counts.entries()) sums[level] = (sums[level] as number) + count;
  }
  return sums;
}
