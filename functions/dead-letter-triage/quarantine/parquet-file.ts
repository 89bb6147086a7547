import { parquetWriteBuffer } from 'hyparquet-writer';
import { entryFindings, type QuarantineEntry } from './entry.ts';

type Schema = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>;

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const;
const bytes = { type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' } as const;
const int = { type: 'INT32', repetition_type: 'OPTIONAL' } as const;
const long = { type: 'INT64', repetition_type: 'OPTIONAL' } as const;
const list = (name: string): Schema => [
  { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
];

/** One entry for each column, with those within it; names that SQL keeps for itself have `kafka_` before them. */
const columns: readonly Schema[] = [
  [{ name: 'kafka_partition', ...int }],
  [{ name: 'kafka_offset', ...long }],
  [{ name: 'kafka_timestamp', ...long }],
  [{ name: 'timestamp_type', ...text }],
  [{ name: 'key', ...bytes }],
  [{ name: 'value', ...bytes }],
  [
    ...list('headers'),
    { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
    { name: 'name', ...bytes },
    { name: 'value', ...bytes },
  ],
  [{ name: 'fingerprint', ...text }],
  [{ name: 'class', ...text }],
  [{ name: 'action', ...text }],
  [{ name: 'family', ...text }],
  [{ name: 'stage', ...text }],
  [{ name: 'component', ...text }],
  [{ name: 'origin_topic', ...text }],
  [{ name: 'origin_partition', ...int }],
  [{ name: 'origin_offset', ...long }],
  [{ name: 'error_class', ...text }],
  [{ name: 'error_message', ...text }],
  [...list('faults'), { name: 'element', ...text }],
  [...list('diagnosis'), { name: 'element', ...text }],
];
const schema: Schema = [{ name: 'letter', num_children: columns.length }, ...columns.flat()];

/** Letters as a Parquet file, with all bytes as they are; the same letters give the same file. */
export function encodeParquet(entries: readonly QuarantineEntry[]): Uint8Array {
  const rows = entries.map((entry): Readonly<Record<string, unknown>> => {
    const { record } = entry;
    return {
      kafka_partition: record.partition,
      kafka_offset: record.offset,
      kafka_timestamp: record.timestamp,
      timestamp_type: record.timestampType,
      key: record.key,
      value: record.value,
      headers: record.headers.map(([name, value]) => ({ name, value })),
      ...entryFindings(entry),
    };
  });
  const file = parquetWriteBuffer({
    schema,
    columnData: columns.map(([column]) => {
      const { name } = column as Schema[number];
      return { name, data: rows.map((row) => row[name]) };
    }),
    rowGroupSize: 100_000,
    createdBy: 'lakewarden dead-letter-triage',
  });
  return new Uint8Array(file);
}
