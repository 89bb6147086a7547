import { describe, optional, type Plain, required } from './description.ts';
import { encoding, pageType } from './file-metadata.ts';
import { bool, i32 } from './kinds.ts';
import { struct } from './struct.ts';

const dataPageHeader = describe('DataPageHeader', {
  num_values: required(1, i32),
  encoding: required(2, encoding),
  definition_level_encoding: required(3, encoding),
  repetition_level_encoding: required(4, encoding),
});

const dictionaryPageHeader = describe('DictionaryPageHeader', {
  num_values: required(1, i32),
  encoding: required(2, encoding),
});

const dataPageHeaderV2 = describe('DataPageHeaderV2', {
  num_values: required(1, i32),
  num_nulls: required(2, i32),
  num_rows: required(3, i32),
  encoding: required(4, encoding),
  definition_levels_byte_length: required(5, i32),
  repetition_levels_byte_length: required(6, i32),
  is_compressed: optional(7, bool),
});

const description = describe('PageHeader', {
  type: required(1, pageType),
  uncompressed_page_size: required(2, i32),
  compressed_page_size: required(3, i32),
  crc: optional(4, i32),
  data_page_header: optional(5, struct(dataPageHeader)),
  dictionary_page_header: optional(7, struct(dictionaryPageHeader)),
  data_page_header_v2: optional(8, struct(dataPageHeaderV2)),
});

/** PageHeader of parquet.thrift, without the statistics that some pages have. */
export const pageHeader = struct(description);

/** What stands before a page. */
export type PageHeader = Plain<typeof description.fields>;
