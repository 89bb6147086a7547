import type { SchemaElement } from 'hyparquet';

/** What older annotations mean in the words of today's (parquet-format, LogicalTypes.md); others mean the type of the same name. */
const older: Readonly<Record<string, string>> = {
  UTF8: 'STRING',
  MAP_KEY_VALUE: 'MAP',
  TIME_MILLIS: 'TIME in MILLIS, UTC',
  TIME_MICROS: 'TIME in MICROS, UTC',
  TIMESTAMP_MILLIS: 'TIMESTAMP in MILLIS, UTC',
  TIMESTAMP_MICROS: 'TIMESTAMP in MICROS, UTC',
};

/** What the values of a field mean, whichever way it is annotated; integers that fill their type mean no more than the type. */
export function meaningOf({
  type,
  converted_type: converted,
  logical_type: logical,
  scale,
  precision,
}: SchemaElement): string {
  if (logical?.type === 'INTEGER') return integer(type, logical.bitWidth, logical.isSigned);
  if (logical?.type === 'DECIMAL') return `DECIMAL(${logical.precision}, ${logical.scale})`;
  if (logical?.type === 'TIME' || logical?.type === 'TIMESTAMP')
    return `${logical.type} in ${logical.unit}, ${logical.isAdjustedToUTC ? 'UTC' : 'local'}`;
  if (logical !== undefined) return JSON.stringify(logical);
  if (converted === undefined) return 'nothing';
  if (converted === 'DECIMAL') return `DECIMAL(${precision}, ${scale ?? 0})`;
  const [, unsigned, width] = /^(U?)INT_(\d+)$/.exec(converted) ?? [];
  if (width !== undefined) return integer(type, Number(width), unsigned === '');
  const word = older[converted] ?? converted;
  return word.includes(' ') ? word : JSON.stringify({ type: word });
}

function integer(type: string | undefined, width: number, signed: boolean): string {
  return signed && type === `INT${width}` ? 'nothing' : `INTEGER(${width}, ${signed ? 'signed' : 'unsigned'})`;
}
