import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { type HiveType, parseHiveType } from '#shared/parquet/hive-type.ts';

/** A row by column name. Dates and timestamps are Date objects, bigints are BigInt, decimals are numbers. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/**
 * A snappy Parquet file as a writer would make it whose columns have these Hive types, such as
 * `{ id: 'int', tags: 'array<string>' }`.
 */
export function parquet(columns: Readonly<Record<string, string>>, rows: readonly ParquetRow[]): Uint8Array {
  const names = Object.keys(columns);
  const columnData = names.map((name): ColumnSource => ({ name, data: rows.map((row) => row[name] ?? null) }));
  const elements = names.flatMap((name) => elementsOf(name, parseHiveType(columns[name] as string)));
  const schema: SchemaElement[] = [{ name: 'root', num_children: names.length }, ...elements];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec: 'SNAPPY' }));
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
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
};

function elementsOf(name: string, type: HiveType): SchemaElement[] {
  const group = (children: SchemaElement[][], more: Partial<SchemaElement> = {}): SchemaElement[] => [
    { name, repetition_type: 'OPTIONAL', num_children: children.length, ...more },
    ...children.flat(),
  ];
  const repeated = (inner: string, children: SchemaElement[][]): SchemaElement[] => [
    { name: inner, repetition_type: 'REPEATED', num_children: children.length },
    ...children.flat(),
  ];
  switch (type.kind) {
    case 'struct':
      return group(type.fields.map((field) => elementsOf(field.name, field.type)));
    case 'array':
      return group([repeated('list', [elementsOf('element', type.element)])], { converted_type: 'LIST' });
    case 'map': {
      const [key, ...below] = elementsOf('key', type.key);
      const required: SchemaElement[] = [{ ...(key as SchemaElement), repetition_type: 'REQUIRED' }, ...below];
      return group([repeated('key_value', [required, elementsOf('value', type.value)])], { converted_type: 'MAP' });
    }
    case 'decimal': {
      const { precision, scale } = type;
      const storage: Partial<SchemaElement> =
        precision <= 9
          ? { type: 'INT32' }
          : precision <= 18
            ? { type: 'INT64' }
            : { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 };
      return [{ name, repetition_type: 'OPTIONAL', converted_type: 'DECIMAL', precision, scale, ...storage }];
    }
    case 'primitive':
      return [{ name, repetition_type: 'OPTIONAL', ...leaves[type.name] }];
    default:
      throw new Error(`no Parquet is written for the Hive type ${JSON.stringify(type)}`);
  }
}
