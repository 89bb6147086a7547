import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import { isError } from '../../errors/error.ts';
import { corrupt, unsupported } from './fault.ts';
import { inflateLz4 } from './lz4.ts';
import { deflateSnappy, inflateSnappy } from './snappy.ts';

/** The codecs of parquet.thrift, CompressionCodec, that can be read and written. */
export type Codec = keyof typeof codecs;

/** The codecs that can be read. */
export type InputCodec = Codec | 'LZ4_RAW';

interface Functions {
  readonly inflate: (bytes: Uint8Array, length: number) => Uint8Array;
  readonly deflate: (bytes: Uint8Array) => Uint8Array;
}

const codecs = {
  UNCOMPRESSED: { inflate: (bytes) => bytes, deflate: (bytes) => bytes },
  SNAPPY: { inflate: inflateSnappy, deflate: deflateSnappy },
  GZIP: { inflate: (bytes, length) => gunzipSync(bytes, limit(length)), deflate: (bytes) => gzipSync(bytes) },
  ZSTD: {
    inflate: (bytes, length) => zstdDecompressSync(bytes, limit(length)),
    // Room for what cannot be made smaller: zlib.h, ZSTD_compressBound.
    deflate: (bytes) => zstdCompressSync(bytes, { ...fastest, chunkSize: bytes.length + (bytes.length >>> 8) + 128 }),
  },
  BROTLI: {
    inflate: (bytes, length) => brotliDecompressSync(bytes, limit(length)),
    deflate: (bytes) => brotliCompressSync(bytes),
  },
} as const satisfies Record<string, Functions>;

/** Level 1, as Arrow has it: level 3 takes twice the time and saves one part in fifty. */
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

function limit(length: number): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: Math.max(1, length), chunkSize: Math.max(64, length) };
}

/**
 * The codec of this name. @throws parquet.unsupported for LZO, for LZ4, whose writers do not agree on its framing, and for one
 * that is not known
 */
export function codecOf(name: string): InputCodec {
  if (!(name in codecs) && name !== 'LZ4_RAW')
    throw unsupported(`no library for the codec ${name} is part of this program`);
  return name as InputCodec;
}

/** Inflates to exactly `length` bytes. @throws parquet.corrupt */
export function inflate(codec: InputCodec, bytes: Uint8Array, length: number): Uint8Array {
  const inflated = tryInflate(codec, bytes, length);
  if (inflated.length !== length) throw corrupt(`${inflated.length} bytes inflate where the header says ${length}`);
  return inflated;
}

function tryInflate(codec: InputCodec, bytes: Uint8Array, length: number): Uint8Array {
  try {
    const inflated = codec === 'LZ4_RAW' ? inflateLz4(bytes, length) : codecs[codec].inflate(bytes, length);
    // A Buffer is slower than what the rest is made for, and its slice is no copy.
    return Buffer.isBuffer(inflated) ? new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.length) : inflated;
  } catch (error) {
    if (isError(error)) throw error;
    throw corrupt(`${codec} cannot be inflated: ${(error as Error).message}`);
  }
}

/** The codec in which values are written that were found in this one: nothing here writes LZ4. */
export function outputCodec(codec: InputCodec): Codec {
  return codec === 'LZ4_RAW' ? 'SNAPPY' : codec;
}

/** Deflates. */
export function deflate(codec: Codec, bytes: Uint8Array): Uint8Array {
  return codecs[codec].deflate(bytes);
}
