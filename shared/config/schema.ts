import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';

type Schema = z.core.$ZodType;

/** The schemas directly inside a wrapper (optional, default, pipe, union); the schema itself when it wraps nothing. */
function unwrap(schema: Schema): Schema[] {
  // oxlint-disable-next-line no-underscore-dangle -- zod's documented door to a schema's definition
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('innerType' in def) return unwrap(def.innerType);
  if (def.type === 'pipe') return unwrap(def.in);
  if (def.type === 'lazy') return unwrap(def.getter());
  if (def.type === 'union') return def.options.flatMap(unwrap);
  return [schema];
}

/** The keys that an object schema (or one inside a wrapper) knows, each with its schema; `undefined` for other schemas. */
export function knownKeys(schema: Schema): Map<string, Schema> | undefined {
  const objects = unwrap(schema).filter((inner) => inner instanceof z.ZodObject);
  if (objects.length === 0) return undefined;
  return new Map(objects.flatMap((object) => Object.entries<Schema>(object.shape)));
}

/** The schema of whatever lies under a key that is not fixed: a record's value or an array's element. */
export function elementSchema(schema: Schema): Schema | undefined {
  for (const inner of unwrap(schema)) {
    if (inner instanceof z.ZodRecord) return inner.valueType;
    if (inner instanceof z.ZodArray) return inner.element;
  }
  return undefined;
}

/** The schema at a path, as far as it is known. */
export function schemaAt(schema: Schema, path: readonly PropertyKey[]): Schema | undefined {
  let at: Schema | undefined = schema;
  for (const key of path) at = at && (knownKeys(at)?.get(String(key)) ?? elementSchema(at));
  return at;
}

/** Throws `internal` when an object anywhere in the schema would drop unknown keys in silence. */
export function requireStrict(schema: Schema, path = 'settings', seen = new Set<Schema>()): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  for (const inner of unwrap(schema)) {
    if (inner instanceof z.ZodObject && !(inner.def.catchall instanceof z.ZodNever))
      throw new LakewardenError(
        'internal',
        `the schema of ${path} must be a z.strictObject, so that typing errors are refused`,
      );
    for (const [key, value] of knownKeys(inner) ?? []) requireStrict(value, `${path}.${key}`, seen);
    const element = elementSchema(inner);
    if (element) requireStrict(element, `${path}[]`, seen);
  }
}
