import { describe, optional, required } from './description.ts';
import { i32, i64 } from './kinds.ts';
import { list, struct } from './struct.ts';

const pageLocation = describe('PageLocation', {
  /** From the beginning of the file, not of the chunk. */
  offset: required(1, i64),
  compressed_page_size: required(2, i32),
  first_row_index: required(3, i64),
});

/** OffsetIndex of parquet.thrift: where the pages of a column chunk stand. */
export const offsetIndex = describe('OffsetIndex', {
  page_locations: required(1, list(struct(pageLocation))),
  unencoded_byte_array_data_bytes: optional(2, list(i64)),
});
