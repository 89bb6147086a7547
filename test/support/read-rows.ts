import { type ParquetReadOptions, parquetReadObjects } from 'hyparquet';

/** The rows of a file as hyparquet reads them: a reader that shares no code with ours. */
export function readRows(
  bytes: Uint8Array,
  options: Pick<ParquetReadOptions, 'columns' | 'filter' | 'useOffsetIndex' | 'useBloomFilters' | 'usePageIndex'> = {},
): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer, ...options });
}
