import type { LogicalType, ParquetType, SchemaElement, TimeUnit } from 'hyparquet';
import { type HiveType, primitive, type PrimitiveName } from './hive-type.ts';

/** A warning about a column that is registered all the same. */
export type NoteKind =
  | 'timestamp-nanos'
  | 'unsigned-32'
  | 'unsigned-64'
  | 'decimal-binary'
  | 'uuid-binary'
  | 'time-integer'
  | 'always-null';

/** How a primitive Parquet column appears in Hive: a type, nothing at all (a column that is always null), or why it cannot. */
export type LeafType =
  | { readonly type: HiveType; readonly note?: NoteKind; readonly comment?: string }
  | { readonly note: 'always-null' }
  | { readonly reason: string };

/** What a note means for the lake. */
export const noteTexts: Readonly<Record<NoteKind, string>> = {
  'timestamp-nanos': 'Spark cannot read a timestamp in nanoseconds; Trino and Hive can',
  'unsigned-32': 'an unsigned 32-bit integer is read as bigint: Hive answers NULL for values past 2^31 - 1',
  'unsigned-64': 'an unsigned 64-bit integer is read as bigint: values past 2^63 - 1 turn negative, and NULL in Hive',
  'decimal-binary': "Spark's vectorized reader cannot read a decimal stored as BINARY; Trino and Hive can",
  'uuid-binary': 'a UUID is read as its 16 bytes',
  'time-integer': 'a time of day is read as the integer that the file holds',
  'always-null': 'a column of unknown type, always null, is left out until a file gives it a type',
};

/** The annotation of an element: its logical type, or what its legacy converted type stands for (parquet-format, LogicalTypes). */
export function annotationOf(element: SchemaElement): LogicalType | undefined {
  if (element.logical_type !== undefined) return element.logical_type;
  const converted = element.converted_type;
  if (converted === undefined) return undefined;
  if (converted === 'DECIMAL') {
    return { type: 'DECIMAL', precision: element.precision ?? 0, scale: element.scale ?? 0 };
  }
  return convertedTypes[converted] ?? ({ type: converted } as unknown as LogicalType);
}

const convertedTypes: Readonly<Record<string, LogicalType | undefined>> = {
  UTF8: { type: 'STRING' },
  TIME_MILLIS: { type: 'TIME', isAdjustedToUTC: true, unit: 'MILLIS' },
  TIME_MICROS: { type: 'TIME', isAdjustedToUTC: true, unit: 'MICROS' },
  TIMESTAMP_MILLIS: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  TIMESTAMP_MICROS: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  INT_8: { type: 'INTEGER', bitWidth: 8, isSigned: true },
  INT_16: { type: 'INTEGER', bitWidth: 16, isSigned: true },
  INT_32: { type: 'INTEGER', bitWidth: 32, isSigned: true },
  INT_64: { type: 'INTEGER', bitWidth: 64, isSigned: true },
  UINT_8: { type: 'INTEGER', bitWidth: 8, isSigned: false },
  UINT_16: { type: 'INTEGER', bitWidth: 16, isSigned: false },
  UINT_32: { type: 'INTEGER', bitWidth: 32, isSigned: false },
  UINT_64: { type: 'INTEGER', bitWidth: 64, isSigned: false },
};

/** The element as a person writes it, such as `INT32 INTEGER(16,unsigned)` or `group LIST`. */
export function describeElement(element: SchemaElement): string {
  const annotation = annotationOf(element);
  const length = element.type === 'FIXED_LEN_BYTE_ARRAY' ? `(${element.type_length})` : '';
  return `${element.type ?? 'group'}${length}${annotation === undefined ? '' : ` ${describeAnnotation(annotation)}`}`;
}

function describeAnnotation(annotation: LogicalType): string {
  switch (annotation.type) {
    case 'DECIMAL':
      return `DECIMAL(${annotation.precision},${annotation.scale})`;
    case 'INTEGER':
      return `INTEGER(${annotation.bitWidth},${annotation.isSigned ? 'signed' : 'unsigned'})`;
    case 'TIME':
    case 'TIMESTAMP':
      return `${annotation.type}(${annotation.unit})`;
    default:
      return annotation.type;
  }
}

/** The Hive type of a primitive column; which annotation may stand on which physical type says parquet-format, LogicalTypes. */
export function leafType(element: SchemaElement): LeafType {
  const annotation = annotationOf(element);
  if (annotation === undefined) return unannotated(element);
  switch (annotation.type) {
    case 'NULL':
      return { note: 'always-null' };
    case 'INTEGER':
      return integer(element, annotation);
    case 'DECIMAL':
      return decimal(element, annotation);
    case 'DATE':
      return on(element, 'INT32', 'date');
    case 'TIME':
      return onUnit(element, annotation.unit, (type) => ({
        type: primitive(type === 'INT32' ? 'int' : 'bigint'),
        note: 'time-integer',
        comment: `time of day in ${unitNames[annotation.unit]}`,
      }));
    case 'TIMESTAMP':
      if (element.type !== 'INT64') return misplaced(element);
      if (!(annotation.unit in unitNames)) return { reason: 'the unit of the timestamp is not known' };
      return { type: primitive('timestamp'), ...(annotation.unit === 'NANOS' && { note: 'timestamp-nanos' }) };
    case 'STRING':
    case 'ENUM':
    case 'JSON':
      return on(element, 'BYTE_ARRAY', 'string');
    case 'BSON':
      return on(element, 'BYTE_ARRAY', 'binary');
    case 'UUID':
      if (element.type !== 'FIXED_LEN_BYTE_ARRAY' || element.type_length !== 16) return misplaced(element);
      return { type: primitive('binary'), note: 'uuid-binary', comment: 'uuid' };
    default:
      return { reason: `no Hive type holds ${annotation.type}` };
  }
}

const unitNames: Readonly<Record<TimeUnit, string>> = {
  MILLIS: 'milliseconds',
  MICROS: 'microseconds',
  NANOS: 'nanoseconds',
};

const unannotatedTypes: Readonly<Record<ParquetType, PrimitiveName>> = {
  BOOLEAN: 'boolean',
  INT32: 'int',
  INT64: 'bigint',
  INT96: 'timestamp',
  FLOAT: 'float',
  DOUBLE: 'double',
  BYTE_ARRAY: 'binary',
  FIXED_LEN_BYTE_ARRAY: 'binary',
};

function unannotated({ type }: SchemaElement): LeafType {
  const name = type === undefined ? undefined : unannotatedTypes[type];
  return name === undefined ? { reason: `the physical type ${type} is not known` } : { type: primitive(name) };
}

function on(element: SchemaElement, type: ParquetType, name: PrimitiveName): LeafType {
  return element.type === type ? { type: primitive(name) } : misplaced(element);
}

/** Milliseconds of a day stand in INT32, finer units in INT64. */
function onUnit(element: SchemaElement, unit: TimeUnit, make: (type: ParquetType) => LeafType): LeafType {
  if (!(unit in unitNames)) return { reason: 'the unit of the time is not known' };
  const wanted = unit === 'MILLIS' ? 'INT32' : 'INT64';
  return element.type === wanted ? make(wanted) : misplaced(element);
}

type Integer = Extract<LogicalType, { type: 'INTEGER' }>;

function integer(element: SchemaElement, { bitWidth, isSigned }: Integer): LeafType {
  if (element.type !== (bitWidth === 64 ? 'INT64' : 'INT32')) return misplaced(element);
  const names: Readonly<Record<number, readonly [PrimitiveName, PrimitiveName, NoteKind?] | undefined>> = {
    8: ['tinyint', 'smallint'],
    16: ['smallint', 'int'],
    32: ['int', 'bigint', 'unsigned-32'],
    64: ['bigint', 'bigint', 'unsigned-64'],
  };
  const row = names[bitWidth];
  if (row === undefined) return { reason: `${bitWidth} is no width of an integer` };
  const [signed, unsigned, note] = row;
  if (isSigned) return { type: primitive(signed) };
  return { type: primitive(unsigned), ...(note !== undefined && { note }) };
}

type Decimal = Extract<LogicalType, { type: 'DECIMAL' }>;

function decimal(element: SchemaElement, { precision, scale }: Decimal): LeafType {
  const room = decimalDigits(element);
  if (room === 0) return misplaced(element);
  if (precision < 1 || scale < 0 || scale > precision || precision > room) {
    return {
      reason: `a decimal of ${precision} digits, ${scale} of them behind the point, does not fit ${element.type}`,
    };
  }
  if (precision > 38) return { reason: `Hive decimals end at 38 digits, this one has ${precision}` };
  const type: HiveType = { kind: 'decimal', precision, scale };
  return { type, ...(element.type === 'BYTE_ARRAY' && { note: 'decimal-binary' }) };
}

/** The most digits that a decimal on this physical type can have (parquet-format, LogicalTypes, DECIMAL); 0 when it cannot stand there. */
function decimalDigits(element: SchemaElement): number {
  switch (element.type) {
    case 'INT32':
      return 9;
    case 'INT64':
      return 18;
    case 'BYTE_ARRAY':
      return Number.POSITIVE_INFINITY;
    case 'FIXED_LEN_BYTE_ARRAY':
      return Math.floor(Math.log10(2) * (8 * (element.type_length ?? 0) - 1));
    default:
      return 0;
  }
}

function misplaced(element: SchemaElement): LeafType {
  return { reason: `the annotation does not belong on this physical type: ${describeElement(element)}` };
}
