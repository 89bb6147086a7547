import { isError } from '../errors/error.ts';
import type { ColumnChunk } from './bounds.ts';
import type { FileMetaDataFields } from './footer-codec/file-metadata.ts';
import { describe, optional, required } from './footer-codec/description.ts';
import { i32 } from './footer-codec/kinds.ts';
import { struct } from './footer-codec/struct.ts';
import { WireReader } from './footer-codec/wire.ts';
import type { RangedSource } from './footer.ts';

// PageHeader and DictionaryPageHeader of parquet.thrift, as far as a dictionary's size needs them.
const dictionaryPageHeader = describe('DictionaryPageHeader', { num_values: required(1, i32) });
const pageHeader = struct(
  describe('PageHeader', { dictionary_page_header: optional(7, struct(dictionaryPageHeader)) }),
);

/** Bytes that hold a dictionary page's header with much to spare. */
const headerBytes = 128;

/**
 * Reads the number of entries of each chunk whose values all stand in a dictionary: one read for each of them, of 128
 * bytes at most. A header that makes no sense is passed over.
 */
export async function readDictionarySizes(
  source: RangedSource,
  { row_groups: groups }: Pick<FileMetaDataFields, 'row_groups'>,
): Promise<ReadonlyMap<ColumnChunk, bigint>> {
  const sizes = new Map<ColumnChunk, bigint>();
  for (const chunk of groups.flatMap(({ columns }) => columns)) {
    const offset = dictionaryOffset(chunk);
    if (offset === undefined || offset >= source.length) continue;
    const bytes = await source.read(offset, Math.min(headerBytes, source.length - offset));
    const size = dictionarySize(bytes);
    if (size !== undefined) sizes.set(chunk, size);
  }
  return sizes;
}

/** Where the dictionary page stands, when every data page refers to it (parquet.thrift, ColumnMetaData.encoding_stats). */
function dictionaryOffset({ meta_data: data, file_path: elsewhere }: ColumnChunk): number | undefined {
  const { encoding_stats: pages, dictionary_page_offset: offset = 0n } = data ?? {};
  const isData = ({ page_type: type }: { page_type: string }) => type === 'DATA_PAGE' || type === 'DATA_PAGE_V2';
  const all = pages?.filter(isData).every(({ encoding }) => /^(PLAIN|RLE)_DICTIONARY$/.test(encoding));
  return all === true && offset >= 4n && elsewhere === undefined ? Number(offset) : undefined;
}

function dictionarySize(bytes: Uint8Array): bigint | undefined {
  try {
    const { dictionary_page_header: header } = pageHeader.read(new WireReader(bytes), 0);
    return header && BigInt(header.num_values);
  } catch (error) {
    if (!isError(error, 'parquet.corrupt', 'parquet.unsupported')) throw error;
    return undefined;
  }
}
