import type { KafkaRecord } from '#shared/kafka/record.ts';
import { type AvroType, findAvroFault, parseAvroSchema } from '../diagnose/avro.ts';
import { exactAvro, maxEmptyElements, plainAvro } from '../diagnose/avro-value.ts';
import { readWireFormats } from '../diagnose/wire-format.ts';
import { asBuffer } from './bytes.ts';

interface Reader {
  /** For the walk that finds faults. */
  readonly plain: AvroType;
  readonly exact: AvroType;
}

const readers = new WeakMap<readonly unknown[], readonly Reader[]>();

/**
 * The value of a record by the first of these schemas that it follows from beginning to end, behind the number of a schema or
 * without one; bytes are Buffers, numbers of 64 bits BigInts. Undefined when it follows none.
 */
export function decodeAvroEnvelope(
  schemas: readonly unknown[],
  { value, headers }: Pick<KafkaRecord, 'value' | 'headers'>,
): unknown {
  if (value === null) return undefined;
  const bytes = asBuffer(value);
  const starts = new Set([...readWireFormats('value', value, headers).map(({ payloadAt }) => payloadAt), 0]);
  for (const { plain, exact } of readersOf(schemas))
    for (const start of starts)
      if (findAvroFault(plain, bytes, start, maxEmptyElements) === undefined)
        return plainAvro(exact, exact.fromBuffer(bytes.subarray(start)), (leaf) => leaf);
  return undefined;
}

function readersOf(schemas: readonly unknown[]): readonly Reader[] {
  let known = readers.get(schemas);
  if (known === undefined) {
    known = schemas.map((schema) => ({
      plain: parseAvroSchema(schemaText(schema)),
      exact: parseAvroSchema(schemaText(schema), [], exactAvro),
    }));
    readers.set(schemas, known);
  }
  return known;
}

/** The text of a schema, which settings may also hold as it is. */
export function schemaText(schema: unknown): string {
  return typeof schema === 'string' ? schema : JSON.stringify(schema);
}
