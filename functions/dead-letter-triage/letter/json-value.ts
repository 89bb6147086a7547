import { asBuffer } from './bytes.ts';

/** What `JSON.parse` tells a reviver of a number: the text that it stood for. */
interface Source {
  readonly source?: string;
}

/**
 * The value of a JSON text; undefined when it is none. Whole numbers that a double cannot hold become BigInts. Never throws,
 * also not at depths where the engine gives up.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const exact = (_: string, value: unknown, context?: Source): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{1,40}$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? 0)
      : value;
  try {
    return JSON.parse(asBuffer(bytes).toString('utf8'), exact);
  } catch {
    return undefined;
  }
}

/** A member of an object that is its own; undefined for anything else. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** The value as a text, when it is one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What a JSON pointer (RFC 6901) points at within a value; undefined when there is nothing. */
export function resolvePointer(value: unknown, pointer: string): unknown {
  let at = value;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = /^(?:0|[1-9]\d{0,8})$/.test(name) ? (at as unknown[])[Number(name)] : undefined;
    else at = member(at, name);
  }
  return at;
}
