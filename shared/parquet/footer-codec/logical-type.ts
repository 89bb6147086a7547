import type { LogicalType, TimeUnit } from 'hyparquet';
import { describe, optional, type Plain, required } from './description.ts';
import { bool, enumOf, i32, i8, type Kind, text } from './kinds.ts';
import { struct } from './struct.ts';
import type { ThriftStruct } from './tree.ts';

const nothing = struct(describe('Empty', {}));
const unit = struct(
  describe('TimeUnit', { MILLIS: optional(1, nothing), MICROS: optional(2, nothing), NANOS: optional(3, nothing) }),
);
const time = struct(describe('TimeType', { isAdjustedToUTC: required(1, bool), unit: required(2, unit) }));
const algorithms = ['SPHERICAL', 'VINCENTY', 'THOMAS', 'ANDOYER', 'KARNEY'] as const;

const fields = {
  STRING: optional(1, nothing),
  MAP: optional(2, nothing),
  LIST: optional(3, nothing),
  ENUM: optional(4, nothing),
  DECIMAL: optional(5, struct(describe('DecimalType', { scale: required(1, i32), precision: required(2, i32) }))),
  DATE: optional(6, nothing),
  TIME: optional(7, time),
  TIMESTAMP: optional(8, time),
  INTEGER: optional(10, struct(describe('IntType', { bitWidth: required(1, i8), isSigned: required(2, bool) }))),
  NULL: optional(11, nothing),
  JSON: optional(12, nothing),
  BSON: optional(13, nothing),
  UUID: optional(14, nothing),
  FLOAT16: optional(15, nothing),
  VARIANT: optional(16, struct(describe('VariantType', { specification_version: optional(1, i8) }))),
  GEOMETRY: optional(17, struct(describe('GeometryType', { crs: optional(1, text) }))),
  GEOGRAPHY: optional(
    18,
    struct(
      describe('GeographyType', { crs: optional(1, text), algorithm: optional(2, enumOf('ALGORITHM', algorithms)) }),
    ),
  ),
};
const union = struct(describe('LogicalType', fields));

/**
 * LogicalType of parquet.thrift in hyparquet's form: the member of the union is `type`, beside its parameters.
 * A member that this version does not know is called `UNRECOGNISED`.
 */
export const logicalType: Kind<LogicalType, ThriftStruct<typeof fields>> = {
  wire: union.wire,
  open: union.open,
  read(reader, type) {
    const [name, parameters] = Object.entries(union.read(reader, type))[0] ?? ['UNRECOGNISED', {}];
    const isTime = name === 'TIME' || name === 'TIMESTAMP';
    return { type: name, ...(isTime ? readTime(parameters as Plain<TimeFields>) : parameters) } as LogicalType;
  },
  write(writer, value) {
    if (!('type' in value)) return union.write(writer, value);
    const { type, ...parameters } = value;
    const member = 'unit' in parameters ? { ...parameters, unit: { [parameters.unit]: {} } } : parameters;
    union.write(writer, { [type]: member });
  },
};

type TimeFields = typeof time extends Kind<unknown, ThriftStruct<infer F>> ? F : never;

function readTime({ isAdjustedToUTC, unit: member }: Plain<TimeFields>) {
  return { isAdjustedToUTC, unit: (Object.keys(member)[0] ?? 'UNRECOGNISED') as TimeUnit };
}
