import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compressors, type ParquetReadOptions, parquetReadObjects } from 'hyparquet';

const compressors: Compressors = {
  GZIP: (input) => new Uint8Array(gunzipSync(input)),
  ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)),
  BROTLI: (input) => new Uint8Array(brotliDecompressSync(input)),
};

/** The rows of a file as hyparquet reads them: a reader that shares no code with ours. */
export function readRows(
  bytes: Uint8Array,
  options: Pick<
    ParquetReadOptions,
    'columns' | 'filter' | 'rowStart' | 'rowEnd' | 'utf8' | 'useOffsetIndex' | 'useBloomFilters' | 'usePageIndex'
  > = {},
): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer, compressors, ...options });
}
