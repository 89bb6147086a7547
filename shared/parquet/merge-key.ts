import { createHash } from 'node:crypto';
import type { ErrorCode } from '../errors/codes.ts';
import { LakewardenError } from '../errors/error.ts';
import { describeArrowFields } from './arrow-schema.ts';
import { type MetadataTree, openMetadata } from './footer-codec/codec.ts';
import type { FileMetaDataFields } from './footer-codec/file-metadata.ts';
import type { Footer } from './footer.ts';
import { decodeManifest, manifestKey, type PieceManifest } from './piece-manifest.ts';
import { toleratedKeys } from './tolerated-keys.ts';

/** A part of a file, in bytes. */
interface Span {
  readonly offset: number;
  readonly length: number;
}

/** What a file's footer says about merging it with others. */
export interface MergeFacts {
  /** Only files of one key can be merged: their footers differ in rows, row groups and `toleratedKeys` alone, and the
   * fields of `ARROW:schema` agree. */
  readonly key: string;
  readonly rows: number;
  readonly rowGroups: number;
  /** Bytes that its row groups take in the footer. */
  readonly groupBytes: number;
  /** Bytes that its list of pieces takes there; 0 when it has none. */
  readonly manifestBytes: number;
  /** Bytes of the rest of its footer, of which a merged file has one for all. */
  readonly otherBytes: number;
  /** Bytes of all offset indexes, which a merge writes anew. */
  readonly indexBytes: number;
  /** Where the offset indexes stand in the file, in order; absent when it has none. A merged file has some of its first piece. */
  readonly indexes?: readonly Span[];
  /** What the file was made of, when it is a merged one. */
  readonly manifest?: PieceManifest;
}

/**
 * Judges whether the column chunks of a file can stand in another file, at another place.
 * @throws parquet.corrupt when something it points at lies outside of the file, parquet.encrypted, and
 * parquet.unsupported for data in other files or a signed footer; each names path and reason
 */
export function judgeMerge(path: string, length: number, footer: Footer): MergeFacts {
  const { metadata, trailing } = openMetadata(footer.bytes);
  if (trailing.length > 0) throw failure('parquet.unsupported', path, 'something stands behind its footer');
  const fields = footer.metadata;
  // Past this no sum of counts is exact, and the sum of many files' rows would not fit 64 bits.
  if (fields.num_rows > BigInt(Number.MAX_SAFE_INTEGER))
    throw failure('parquet.corrupt', path, `it claims ${fields.num_rows} rows`);
  const spans: (readonly [offset: bigint, length: number])[] = [];
  for (const { columns } of fields.row_groups)
    for (const chunk of columns) {
      judgeChunk(path, BigInt(length - footer.footerBytes), chunk);
      if (chunk.offset_index_offset !== undefined)
        spans.push([chunk.offset_index_offset, chunk.offset_index_length ?? 0]);
    }
  const manifest = footer.keyValueMetadata.get(manifestKey);
  const indexes = joinSpans(path, spans);
  const key = mergeKey(path, metadata);
  const manifestBytes = Buffer.byteLength(manifest ?? '');
  return {
    ...key,
    manifestBytes,
    otherBytes: footer.footerBytes - key.groupBytes - manifestBytes,
    rows: Number(fields.num_rows),
    rowGroups: fields.row_groups.length,
    indexBytes: spans.reduce((sum, [, size]) => sum + size, 0),
    ...(indexes.length > 0 && { indexes }),
    ...(manifest !== undefined && { manifest: decodeManifest(manifest) }),
  };
}

/** Bytes between two spans that are rather read than asked apart. */
const gapBytes = 16 << 10;
/** What a small file's offset indexes may take, with the gaps: many times what writers make of one. */
const maxIndexBytes = 8 << 20;
const maxSpans = 64;

/** Joins what lies together. @throws parquet.unsupported when too much would have to be read, or at too many places */
function joinSpans(path: string, spans: readonly (readonly [offset: bigint, length: number])[]): Span[] {
  const joined: { offset: number; length: number }[] = [];
  for (const [start, size] of spans.toSorted(([a], [b]) => Number(a - b))) {
    const [offset, last] = [Number(start), joined.at(-1)];
    if (last !== undefined && offset <= last.offset + last.length + gapBytes)
      last.length = Math.max(last.length, offset + size - last.offset);
    else joined.push({ offset, length: size });
  }
  const bytes = joined.reduce((sum, { length }) => sum + length, 0);
  if (joined.length > maxSpans || bytes > maxIndexBytes) {
    const reason = `its offset indexes take ${bytes} bytes at ${joined.length} places, the limits are ${maxIndexBytes} and ${maxSpans}`;
    throw failure('parquet.unsupported', path, reason);
  }
  return joined;
}

type Chunk = FileMetaDataFields['row_groups'][number]['columns'][number];

function judgeChunk(path: string, end: bigint, chunk: Chunk): void {
  const { meta_data: data, file_path: elsewhere } = chunk;
  if (chunk.crypto_metadata !== undefined || chunk.encrypted_column_metadata !== undefined)
    throw failure('parquet.encrypted', path, 'a column is encrypted');
  if (elsewhere !== undefined) throw failure('parquet.unsupported', path, `a column lies in the file ${elsewhere}`);
  if (data === undefined) throw failure('parquet.unsupported', path, 'a column has no metadata');
  const column = data.path_in_schema.join('.');
  const inside = (offset: bigint | undefined, size: bigint, what: string): void => {
    if (offset === undefined || (offset >= 0n && size >= 0n && offset + size <= end)) return;
    throw failure('parquet.corrupt', path, `the ${what} of ${column} lies outside of the file`);
  };
  // Some writers say 0 for "none".
  const first = data.dictionary_page_offset || data.data_page_offset;
  inside(first < data.data_page_offset ? first : data.data_page_offset, data.total_compressed_size, 'data');
  for (const offset of [first, data.data_page_offset, data.index_page_offset]) inside(offset, 0n, 'data');
  inside(data.bloom_filter_offset, BigInt(data.bloom_filter_length ?? 0), 'bloom filter');
  inside(chunk.column_index_offset, BigInt(chunk.column_index_length ?? 0), 'column index');
  inside(chunk.offset_index_offset, BigInt(chunk.offset_index_length ?? 0), 'offset index');
}

/** All of a footer that files must have in common: schema, column orders, writer, and what this version does not know. */
function mergeKey(path: string, metadata: MetadataTree): Pick<MergeFacts, 'key' | 'groupBytes'> {
  if (metadata.get('encryption_algorithm') !== undefined || metadata.get('footer_signing_key_metadata') !== undefined)
    throw failure('parquet.encrypted', path, 'it has encrypted columns or a signed footer');
  const pairs = (metadata.get('key_value_metadata')?.items ?? []).map((pair) => [pair.get('key'), pair.get('value')]);
  const strict = pairs.filter(([key = '']) => key !== manifestKey && !toleratedKeys.has(key));
  const arrow = pairs.find(([key]) => key === 'ARROW:schema')?.[1];
  if (arrow !== undefined) strict.push(['ARROW:schema', describeArrowFields(arrow) ?? arrow]);
  const common = openMetadata(metadata.toBytes()).metadata;
  common.set('key_value_metadata', undefined);
  const withGroups = common.toBytes().length;
  common.set('num_rows', undefined);
  common.set('row_groups', undefined);
  const bytes = common.toBytes();
  // Writers put the pairs in any order.
  const ordered = strict.map((pair) => JSON.stringify(pair)).toSorted();
  const hash = createHash('sha256').update(bytes).update(JSON.stringify(ordered));
  return { key: hash.digest('hex').slice(0, 32), groupBytes: withGroups - bytes.length };
}

function failure(code: ErrorCode, path: string, reason: string): LakewardenError {
  return new LakewardenError(code, `${path} cannot be merged: ${reason}`, { details: { path, reason } });
}
