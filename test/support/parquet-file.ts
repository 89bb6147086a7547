import type { CompressionCodec, SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { encodeFooter, encodeMetadata } from '#shared/parquet/footer-codec/codec.ts';
import type { RangedSource } from '#shared/parquet/footer.ts';
import { type HiveType, parseHiveType } from '#shared/parquet/hive-type.ts';

/**
 * A column of a test file: a Hive type text such as `array<decimal(9,2)>`, or a Parquet element (its repetition is
 * OPTIONAL unless it says otherwise) such as `{ type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 9, scale: 2 }`.
 */
export type ColumnSpec = string | Omit<SchemaElement, 'name' | 'num_children'>;

/**
 * Rows by column name. int, smallint, float, double are numbers; bigint is BigInt; a decimal is its unscaled BigInt or a number;
 * a date is a number of days or a Date; a timestamp is a BigInt in the unit of the column or a Date; a struct is an object;
 * an array an array; a map an object or a list of `{ key, value }`. What a row lacks is null.
 */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Settings of a test file; 1,000 rows stand in the first row group unless said otherwise. */
export interface FileOptions {
  readonly codec?: Extract<CompressionCodec, 'SNAPPY' | 'UNCOMPRESSED'>;
  readonly rowGroupSize?: number;
  readonly keyValues?: Readonly<Record<string, string>>;
  /** Bytes of a page, before it is compressed. */
  readonly pageSize?: number;
  /** With column indexes and bloom filters; offset indexes are always there. */
  readonly indexes?: boolean;
  readonly createdBy?: string;
}

/** The bytes of a Parquet file that Trino, Hive and Spark read (unless the schema asks for what they do not). */
export function parquetBytes(
  columns: Readonly<Record<string, ColumnSpec>> | readonly SchemaElement[],
  rows: Rows,
  options: FileOptions = {},
): Uint8Array {
  const schema = isSchema(columns) ? [...columns] : parquetSchema(columns);
  const { codec = 'SNAPPY', rowGroupSize, pageSize, createdBy, indexes = false, keyValues = {} } = options;
  const columnData = topLevelNames(schema).map((name) => ({
    name,
    data: rows.map((row) => row[name] ?? null),
    columnIndex: indexes,
    bloomFilter: indexes,
  }));
  const kvMetadata = Object.entries(keyValues).map(([key, value]) => ({ key, value }));
  const buffer = parquetWriteBuffer({
    schema,
    columnData,
    codec,
    kvMetadata,
    ...(rowGroupSize !== undefined && { rowGroupSize }),
    ...(pageSize !== undefined && { pageSize }),
    ...(createdBy !== undefined && { createdBy }),
  });
  return new Uint8Array(buffer);
}

/** The flat schema list of a footer whose columns have these types; lists and maps have their three levels. */
export function parquetSchema(columns: Readonly<Record<string, ColumnSpec>>): SchemaElement[] {
  const names = Object.keys(columns);
  const elements = names.flatMap((name): SchemaElement[] => {
    const spec = columns[name] as ColumnSpec;
    if (typeof spec === 'string') return elementsOf(name, parseHiveType(spec));
    return [{ repetition_type: 'OPTIONAL', ...spec, name }];
  });
  return [{ name: 'schema', num_children: names.length }, ...elements];
}

function isSchema(
  columns: Readonly<Record<string, ColumnSpec>> | readonly SchemaElement[],
): columns is readonly SchemaElement[] {
  return Array.isArray(columns);
}

/** The names of the elements right below the root of a flat schema list. */
function topLevelNames(schema: readonly SchemaElement[]): string[] {
  const names: string[] = [];
  const open: number[] = [];
  for (const { name, num_children: children = 0 } of schema.slice(1)) {
    while (open.at(-1) === 0) open.pop();
    if (open.length === 0) names.push(name);
    else open.push((open.pop() as number) - 1);
    if (children > 0) open.push(children);
  }
  return names;
}

const leaves: Readonly<Record<string, Partial<SchemaElement>>> = {
  boolean: { type: 'BOOLEAN' },
  tinyint: { type: 'INT32', converted_type: 'INT_8' },
  smallint: { type: 'INT32', converted_type: 'INT_16' },
  int: { type: 'INT32' },
  bigint: { type: 'INT64' },
  float: { type: 'FLOAT' },
  double: { type: 'DOUBLE' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  binary: { type: 'BYTE_ARRAY' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
};

function elementsOf(name: string, type: HiveType): SchemaElement[] {
  switch (type.kind) {
    case 'primitive':
      return [{ name, repetition_type: 'OPTIONAL', ...leaves[type.name] }];
    case 'decimal':
      return [{ name, repetition_type: 'OPTIONAL', ...decimalElement(type.precision, type.scale) }];
    case 'struct':
      return group(
        name,
        type.fields.map((field) => elementsOf(field.name, field.type)),
      );
    case 'array': {
      const element = elementsOf('element', type.element);
      return group(name, [group('list', [element], { repetition_type: 'REPEATED' })], { converted_type: 'LIST' });
    }
    case 'map': {
      const [key, ...below] = elementsOf('key', type.key);
      const entry = [
        [{ ...(key as SchemaElement), repetition_type: 'REQUIRED' as const }, ...below],
        elementsOf('value', type.value),
      ];
      return group(name, [group('key_value', entry, { repetition_type: 'REPEATED' })], { converted_type: 'MAP' });
    }
    default:
      throw new Error(`no Parquet column is written for ${JSON.stringify(type)}`);
  }
}

function group(name: string, children: SchemaElement[][], more: Partial<SchemaElement> = {}): SchemaElement[] {
  return [{ name, repetition_type: 'OPTIONAL', num_children: children.length, ...more }, ...children.flat()];
}

/** A decimal on the smallest physical type, as parquet-format advises. */
function decimalElement(precision: number, scale: number): Partial<SchemaElement> {
  const annotation = { converted_type: 'DECIMAL', precision, scale } as const;
  if (precision <= 9) return { type: 'INT32', ...annotation };
  if (precision <= 18) return { type: 'INT64', ...annotation };
  return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, ...annotation };
}

/** The bytes of a file that has a schema and no rows; takes schemas that no writer writes. */
export function schemaOnlyBytes(schema: readonly SchemaElement[]): Uint8Array {
  const metadata = encodeMetadata({ version: 1, schema: [...schema], num_rows: 0n, row_groups: [] });
  return new Uint8Array([...new TextEncoder().encode('PAR1'), ...encodeFooter(metadata)]);
}

/** A source over bytes in memory, which counts its reads. */
export function bytesSource(bytes: Uint8Array, path = '/golden/clicks/x.parquet'): RangedSource & { reads: number[] } {
  const reads: number[] = [];
  const read = (offset: number, length: number) => {
    reads.push(length);
    return Promise.resolve(bytes.slice(offset, offset + length));
  };
  return { path, length: bytes.length, reads, read };
}
