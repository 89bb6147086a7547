import { type CelInput, type CelValue, isCelList, isCelMap, isCelUint } from '@bufbuild/cel';
import type { Json } from '../model/verdict.ts';

/**
 * Plain data as CEL sees it: whole numbers are `int`, as the API server gives them, not `double`; objects are maps, so that a
 * key called like a method of objects is a key like any other.
 */
export function toCelInput(value: unknown): CelInput {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'string':
    case 'boolean':
    case 'bigint':
      return value;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map(toCelInput);
      return new Map(
        Object.entries(value)
          .filter(([, entry]) => entry !== undefined)
          .map(([key, entry]) => [key, toCelInput(entry)]),
      );
    default:
      return null;
  }
}

/** Plain data again, as far as evidence can show it; what it cannot is its text. */
export function fromCelValue(value: CelValue): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return fromWhole(value);
  if (isCelUint(value)) return fromWhole(value.value);
  if (isCelList(value)) return [...value].map(fromCelValue);
  if (isCelMap(value))
    return Object.fromEntries([...value.entries()].map(([key, entry]) => [keyText(key), fromCelValue(entry)]));
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : 'a value that JSON has no form for';
}

function fromWhole(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function keyText(key: unknown): string {
  return isCelUint(key) ? String(key.value) : String(key);
}
