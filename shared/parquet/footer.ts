import type { FileMetaData as HyparquetMetaData, SchemaElement } from 'hyparquet';
import type { ErrorCode } from '../errors/codes.ts';
import { isError, LakewardenError } from '../errors/error.ts';
import { fileMetaData, type FileMetaDataFields } from './footer-codec/file-metadata.ts';
import { struct } from './footer-codec/struct.ts';
import { corruptFooter, WireReader } from './footer-codec/wire.ts';
import { buildSchemaTree } from './schema-tree.ts';

/** A file that can be read in part. */
export interface RangedSource {
  /** Names the file in messages. */
  readonly path: string;
  /** In bytes. */
  readonly length: number;
  /** Reads `length` bytes at `offset`; has a deadline of its own. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * A footer's metadata in hyparquet's form, with the fields that hyparquet leaves out. All bounds in statistics are the
 * bytes as they stand in the file: hyparquet's own decoding rounds decimals, cuts microseconds off, and can be made to hang.
 */
export type FileMetaData = HyparquetMetaData & FileMetaDataFields;

/** What the end of a Parquet file says about it. */
export interface Footer {
  readonly metadata: FileMetaData;
  readonly schema: readonly SchemaElement[];
  readonly rows: bigint;
  readonly createdBy?: string;
  readonly keyValueMetadata: ReadonlyMap<string, string>;
  /** True when the footer is plain but columns are encrypted, or the footer is signed. */
  readonly encryptedColumns: boolean;
  /** The metadata as it stands in the file, without its length and magic bytes. */
  readonly bytes: Uint8Array;
  /** Length of `bytes`. */
  readonly footerBytes: number;
}

/** Bytes of the magic at both ends of a Parquet file. */
const magicLength = 4;
/** The footer's end: the length of the metadata in four bytes, little-endian, and the magic. */
const trailerLength = 8;
const shortest = magicLength + trailerLength;

/**
 * Reads a Parquet footer with one read of the file's tail, and a second one when the footer is longer (or when the file
 * is none, to tell a truncated one from a foreign one). Errors name the path and the reason.
 * @throws parquet.empty when the file has no bytes
 * @throws parquet.truncated when it begins as a Parquet file and does not end as one, or the source gave too few bytes
 * @throws parquet.foreign when it is no Parquet file
 * @throws parquet.encrypted when the footer is encrypted
 * @throws parquet.corrupt when the footer contradicts itself or the file's length
 * @throws parquet.unsupported when it is longer than `maxFooterBytes`, holds too many values, or nests too deep
 */
export async function readFooter(source: RangedSource, options: TailOptions = {}): Promise<Footer> {
  return parseFooter(await readFooterBytes(source, options), source.path);
}

interface TailOptions {
  readonly tailBytes?: number;
  readonly maxFooterBytes?: number;
}

/** Reads the metadata of a footer as bytes, without a look into it. Throws as `readFooter` does. */
export async function readFooterBytes(source: RangedSource, options: TailOptions = {}): Promise<Uint8Array> {
  const { tailBytes = 16_384, maxFooterBytes = 64 * 1024 * 1024 } = options;
  const { path, length } = source;
  if (length === 0) throw failure('parquet.empty', path, 'it has no bytes');
  if (length < shortest)
    throw failure('parquet.truncated', path, `it has ${length} bytes, a Parquet file at least ${shortest}`);
  const tail = await readRange(source, length - Math.min(length, Math.max(tailBytes, shortest)), length);
  await checkMagic(source, tail);

  const trailer = tail.length - trailerLength;
  const footerBytes = new DataView(tail.buffer, tail.byteOffset + trailer, 4).getUint32(0, true);
  if (footerBytes === 0 || footerBytes > length - shortest) {
    throw failure('parquet.corrupt', path, `the footer claims ${footerBytes} bytes of a file of ${length}`);
  }
  if (footerBytes > maxFooterBytes) {
    throw failure('parquet.unsupported', path, `the footer has ${footerBytes} bytes, the limit is ${maxFooterBytes}`);
  }
  if (footerBytes <= trailer) return tail.subarray(trailer - footerBytes, trailer);
  const bytes = new Uint8Array(footerBytes);
  const end = length - trailerLength;
  bytes.set(await readRange(source, end - footerBytes, length - tail.length));
  bytes.set(tail.subarray(0, trailer), footerBytes - trailer);
  return bytes;
}

/**
 * Reads the metadata of a footer (what stands before its length and magic bytes) and checks that it agrees with itself.
 * The bytes are kept, not copied. @throws parquet.corrupt, parquet.unsupported as `readFooter` does
 */
export function parseFooter(bytes: Uint8Array, path: string): Footer {
  try {
    const fields = struct(fileMetaData).read(new WireReader(bytes), 0);
    checkCounts(fields);
    const metadata = { ...fields, metadata_length: bytes.length };
    const pairs = (metadata.key_value_metadata ?? []).map(({ key, value = '' }) => [key, value] as const);
    return {
      metadata,
      schema: metadata.schema,
      rows: metadata.num_rows,
      ...(metadata.created_by !== undefined && { createdBy: metadata.created_by }),
      keyValueMetadata: new Map(pairs),
      encryptedColumns: metadata.encryption_algorithm !== undefined,
      bytes,
      footerBytes: bytes.length,
    };
  } catch (error) {
    if (!isError(error)) throw error;
    throw failure(error.code, path, String(error.details['reason'] ?? error.message), error);
  }
}

function checkCounts(metadata: FileMetaDataFields): void {
  buildSchemaTree(metadata.schema);
  const leaves = metadata.schema.filter(({ type }) => type !== undefined).length;
  let rows = 0n;
  for (const [index, group] of metadata.row_groups.entries()) {
    if (group.columns.length !== leaves) {
      throw corruptFooter(`row group ${index} has ${group.columns.length} columns, the schema ${leaves}`);
    }
    if (group.num_rows < 0n) throw corruptFooter(`row group ${index} has ${group.num_rows} rows`);
    rows += group.num_rows;
  }
  if (rows !== metadata.num_rows) throw corruptFooter(`it counts ${metadata.num_rows} rows, its row groups ${rows}`);
}

async function checkMagic(source: RangedSource, tail: Uint8Array): Promise<void> {
  const magic = ascii(tail.subarray(-magicLength));
  if (magic === 'PAR1') return;
  if (magic === 'PARE') throw failure('parquet.encrypted', source.path, 'the footer is encrypted');
  const head = ascii(
    tail.length === source.length ? tail.subarray(0, magicLength) : await readRange(source, 0, magicLength),
  );
  if (head === 'PAR1' || head === 'PARE') {
    throw failure('parquet.truncated', source.path, 'it begins as a Parquet file and does not end as one');
  }
  throw failure('parquet.foreign', source.path, 'it neither begins nor ends as a Parquet file');
}

async function readRange(source: RangedSource, start: number, end: number): Promise<Uint8Array> {
  const bytes = await source.read(start, end - start);
  if (bytes.length === end - start) return bytes;
  const reason = `the source gave ${bytes.length} of ${end - start} bytes at offset ${start}`;
  throw failure('parquet.truncated', source.path, reason);
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function failure(code: ErrorCode, path: string, reason: string, cause?: LakewardenError): LakewardenError {
  const kind = code.slice('parquet.'.length);
  return new LakewardenError(code, `${path} is no readable Parquet file (${kind}): ${reason}`, {
    details: { path, reason },
    cause,
  });
}
