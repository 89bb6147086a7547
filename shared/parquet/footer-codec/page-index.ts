import { describe, optional, required } from './description.ts';
import { binary, enumOf, i32, i64, type Kind } from './kinds.ts';
import { list, struct } from './struct.ts';
import { wire } from './wire.ts';

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

// A list of booleans has one byte for each, 1 or 2 (thrift-compact-protocol.md, List and Set).
const listedBool: Kind<boolean> = {
  wire: wire.true,
  read: (reader) => reader.readByte() === wire.true,
  open: (reader) => reader.readByte() === wire.true,
  write: (writer, value) => writer.writeByte(value ? wire.true : wire.false),
};

/** ColumnIndex of parquet.thrift: bounds of the values of each page of a column chunk. */
export const columnIndex = describe('ColumnIndex', {
  null_pages: required(1, list(listedBool)),
  min_values: required(2, list(binary)),
  max_values: required(3, list(binary)),
  boundary_order: required(4, enumOf('BOUNDARY_ORDER', ['UNORDERED', 'ASCENDING', 'DESCENDING'])),
  null_counts: optional(5, list(i64)),
});
