import { describe, optional, type Plain, required } from './description.ts';
import { binary, bool, double, enumOf, i16, i32, i64, text } from './kinds.ts';
import { logicalType } from './logical-type.ts';
import { list, struct } from './struct.ts';

// The structs of apache/parquet-format, src/main/thrift/parquet.thrift, under the names that hyparquet gives their fields.

/** Type of parquet.thrift, by number. */
export const types = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;

const encodings = [
  'PLAIN',
  'GROUP_VAR_INT',
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
] as const;

const convertedTypes = [
  'UTF8',
  'MAP',
  'MAP_KEY_VALUE',
  'LIST',
  'ENUM',
  'DECIMAL',
  'DATE',
  'TIME_MILLIS',
  'TIME_MICROS',
  'TIMESTAMP_MILLIS',
  'TIMESTAMP_MICROS',
  'UINT_8',
  'UINT_16',
  'UINT_32',
  'UINT_64',
  'INT_8',
  'INT_16',
  'INT_32',
  'INT_64',
  'JSON',
  'BSON',
  'INTERVAL',
] as const;

/** CompressionCodec of parquet.thrift, by number. */
export const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const;
/** Encoding of parquet.thrift. */
export const encoding = enumOf('ENCODING', encodings);
/** PageType of parquet.thrift. */
export const pageType = enumOf('PAGE_TYPE', ['DATA_PAGE', 'INDEX_PAGE', 'DICTIONARY_PAGE', 'DATA_PAGE_V2']);
const physicalType = enumOf('TYPE', types);
const nothing = struct(describe('Empty', {}));

const schemaElement = describe('SchemaElement', {
  type: optional(1, physicalType),
  type_length: optional(2, i32),
  repetition_type: optional(3, enumOf('REPETITION', ['REQUIRED', 'OPTIONAL', 'REPEATED'])),
  name: required(4, text),
  num_children: optional(5, i32),
  converted_type: optional(6, enumOf('CONVERTED_TYPE', convertedTypes)),
  scale: optional(7, i32),
  precision: optional(8, i32),
  field_id: optional(9, i32),
  logical_type: optional(10, logicalType),
});

// Bounds are the bytes as they stand in the file, PLAIN encoded without a length.
const statistics = describe('Statistics', {
  max: optional(1, binary),
  min: optional(2, binary),
  null_count: optional(3, i64),
  distinct_count: optional(4, i64),
  max_value: optional(5, binary),
  min_value: optional(6, binary),
  is_max_value_exact: optional(7, bool),
  is_min_value_exact: optional(8, bool),
  nan_count: optional(9, i64),
});

/** KeyValue of parquet.thrift. */
export const keyValue = describe('KeyValue', { key: required(1, text), value: optional(2, text) });

const pageEncodingStats = describe('PageEncodingStats', {
  page_type: required(1, pageType),
  encoding: required(2, encoding),
  count: required(3, i32),
});

const sizeStatistics = describe('SizeStatistics', {
  unencoded_byte_array_data_bytes: optional(1, i64),
  repetition_level_histogram: optional(2, list(i64)),
  definition_level_histogram: optional(3, list(i64)),
});

const boundingBox = describe('BoundingBox', {
  xmin: required(1, double),
  xmax: required(2, double),
  ymin: required(3, double),
  ymax: required(4, double),
  zmin: optional(5, double),
  zmax: optional(6, double),
  mmin: optional(7, double),
  mmax: optional(8, double),
});

const geospatialStatistics = describe('GeospatialStatistics', {
  bbox: optional(1, struct(boundingBox)),
  geospatial_types: optional(2, list(i32)),
});

const columnMetaData = describe('ColumnMetaData', {
  type: required(1, physicalType),
  encodings: required(2, list(encoding)),
  path_in_schema: required(3, list(text)),
  codec: required(4, enumOf('CODEC', codecs)),
  num_values: required(5, i64),
  total_uncompressed_size: required(6, i64),
  total_compressed_size: required(7, i64),
  key_value_metadata: optional(8, list(struct(keyValue))),
  data_page_offset: required(9, i64),
  index_page_offset: optional(10, i64),
  dictionary_page_offset: optional(11, i64),
  statistics: optional(12, struct(statistics)),
  encoding_stats: optional(13, list(struct(pageEncodingStats))),
  bloom_filter_offset: optional(14, i64),
  bloom_filter_length: optional(15, i32),
  size_statistics: optional(16, struct(sizeStatistics)),
  geospatial_statistics: optional(17, struct(geospatialStatistics)),
});

const columnChunk = describe('ColumnChunk', {
  file_path: optional(1, text),
  file_offset: required(2, i64),
  meta_data: optional(3, struct(columnMetaData)),
  offset_index_offset: optional(4, i64),
  offset_index_length: optional(5, i32),
  column_index_offset: optional(6, i64),
  column_index_length: optional(7, i32),
  crypto_metadata: optional(8, nothing),
  encrypted_column_metadata: optional(9, binary),
});

const sortingColumn = describe('SortingColumn', {
  column_idx: required(1, i32),
  descending: required(2, bool),
  nulls_first: required(3, bool),
});

/** RowGroup of parquet.thrift. */
export const rowGroup = describe('RowGroup', {
  columns: required(1, list(struct(columnChunk))),
  total_byte_size: required(2, i64),
  num_rows: required(3, i64),
  sorting_columns: optional(4, list(struct(sortingColumn))),
  file_offset: optional(5, i64),
  total_compressed_size: optional(6, i64),
  ordinal: optional(7, i16),
});

const columnOrder = describe('ColumnOrder', {
  TYPE_ORDER: optional(1, nothing),
  IEEE_754_TOTAL_ORDER: optional(2, nothing),
  INT96_TIMESTAMP_ORDER: optional(3, nothing),
});

/** FileMetaData of parquet.thrift. */
export const fileMetaData = describe('FileMetaData', {
  version: required(1, i32),
  schema: required(2, list(struct(schemaElement))),
  num_rows: required(3, i64),
  row_groups: required(4, list(struct(rowGroup))),
  key_value_metadata: optional(5, list(struct(keyValue))),
  created_by: optional(6, text),
  column_orders: optional(7, list(struct(columnOrder))),
  encryption_algorithm: optional(8, nothing),
  footer_signing_key_metadata: optional(9, binary),
});

/** A footer's metadata as a plain object. */
export type FileMetaDataFields = Plain<typeof fileMetaData.fields>;
