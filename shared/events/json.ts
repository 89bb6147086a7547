/** JSON text in which a bigint is a number when that is exact, and a text of digits otherwise. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, replaceBigInt) ?? 'null';
}

function replaceBigInt(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
