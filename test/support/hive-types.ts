import { type Arbitrary, constantFrom, letrec, oneof, record, string, tuple, uniqueArray } from 'fast-check';
import { type HiveType, parseHiveType, primitiveNames } from '#shared/parquet/hive-type.ts';

const decimals = ['decimal(9,2)', 'decimal(18,2)', 'decimal(38,2)', 'decimal(18,4)', 'decimal(38,30)', 'decimal(12,0)'];
const others = ['varchar(5)', 'char(5)', 'uniontype<int,string>', 'timestamp with local time zone', 'decimal(50,2)'];

/** Hive types that have no parts. */
export const leafTypes: Arbitrary<HiveType> = constantFrom(...primitiveNames, ...decimals, ...others).map(
  parseHiveType,
);

/** Hive types that often have a common type. */
export const kindredTypes: Arbitrary<HiveType> = oneof(
  { weight: 4, arbitrary: constantFrom('smallint', 'int', 'bigint') },
  {
    weight: 1,
    arbitrary: constantFrom('decimal(9,2)', 'decimal(18,4)', 'decimal(38,30)', 'float', 'double', 'string'),
  },
).map(parseHiveType);

/** Hive types of some levels, whose struct fields have these names, each once whatever its letter case. */
export function hiveTypes(
  names: Arbitrary<string> = string({ unit: 'grapheme' }),
  leaves: Arbitrary<HiveType> = leafTypes,
): Arbitrary<HiveType> {
  return letrec<{ type: HiveType }>((tie) => ({
    type: oneof(
      { maxDepth: 3, depthSize: 'medium' },
      leaves,
      tie('type').map((element) => ({ kind: 'array' as const, element })),
      tuple(leafTypes, tie('type')).map(([key, value]) => ({ kind: 'map' as const, key, value })),
      uniqueArray(record({ name: names, type: tie('type') }), {
        maxLength: 4,
        selector: ({ name }) => name.toLowerCase(),
      }).map((fields) => ({ kind: 'struct' as const, fields })),
    ),
  })).type;
}
