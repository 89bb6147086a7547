import avro from 'avsc';
import type { RegisteredSchema } from '../diagnose/registered-schema.ts';
import { parseAvroSchema, type AvroType } from '../diagnose/avro.ts';
import { Refusal } from './refusal.ts';

const types = new WeakMap<RegisteredSchema, AvroType>();

/**
 * Writes plain JSON in Avro by a registered schema, with Confluent's prefix: 0 and the schema's number in four bytes.
 * @throws Refusal when there is no such schema, or the value does not follow it; the field is named
 */
export function encodeAvro(json: Uint8Array, subject: string, schema: RegisteredSchema | undefined): Buffer {
  if (schema === undefined) throw new Refusal(`the registry has no such schema of subject ${subject}`);
  if (schema.type !== 'AVRO') throw new Refusal(`the schema of subject ${subject} is not Avro`);
  const type = typeOf(schema, subject);
  const value: unknown = JSON.parse(String(json), (_, inner: unknown, context?: { readonly source?: string }) => {
    if (typeof inner === 'number' && !Number.isSafeInteger(inner) && /^-?\d+$/.test(context?.source ?? ''))
      throw new Refusal('a whole number of the value is too large to be written in Avro here');
    return inner;
  });
  const wrapped = wrapUnions(type, value, '');
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(Number(schema.id), 1);
  return Buffer.concat([prefix, type.toBuffer(wrapped)]);
}

function typeOf(schema: RegisteredSchema, subject: string): AvroType {
  let type = types.get(schema);
  if (type === undefined) {
    const references = schema.references.map((reference) => reference.schema);
    try {
      type = parseAvroSchema(schema.schema, references);
    } catch {
      throw new Refusal(`the schema of subject ${subject} cannot be understood`);
    }
    types.set(schema, type);
  }
  return type;
}

/** A value as the library wants it: defaults filled in, and branches of ambiguous unions named. */
function wrapUnions(type: AvroType, value: unknown, path: string): unknown {
  const { Type, types: kinds } = avro;
  if (Type.isType(type, 'union:wrapped', 'union:unwrapped'))
    return wrapUnion(type as avro.types.WrappedUnionType, value, path);
  if (type instanceof kinds.RecordType) return wrapRecord(type, value, path);
  if (type instanceof kinds.ArrayType && Array.isArray(value))
    return value.map((item, index) => wrapUnions(type.itemsType, item, `${path}/${index}`));
  if (type instanceof kinds.MapType && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, wrapUnions(type.valuesType, inner, `${path}/${name}`)]),
    );
  if ((type instanceof kinds.BytesType || type instanceof kinds.FixedType) && typeof value === 'string')
    return check(type, Buffer.from(value, 'latin1'), path);
  return check(type, value, path);
}

function wrapRecord(type: avro.types.RecordType, value: unknown, path: string): unknown {
  if (!isObject(value)) throw new Refusal(`no object at ${path === '' ? 'the top' : path}, which the schema wants`);
  const known = new Set(type.fields.map(({ name }) => name));
  const foreign = Object.keys(value).find((name) => !known.has(name));
  if (foreign !== undefined)
    throw new Refusal(`the schema has no field for a member of ${path === '' ? 'the top' : path}`);
  const filled: Record<string, unknown> = {};
  for (const field of type.fields) {
    const at = `${path}/${field.name}`;
    if (Object.hasOwn(value, field.name)) filled[field.name] = wrapUnions(field.type, value[field.name], at);
    else {
      const fallback: unknown = field.defaultValue();
      if (fallback === undefined) throw new Refusal(`there is nothing at ${at}, which the schema wants`);
      filled[field.name] = fallback;
    }
  }
  return filled;
}

function wrapUnion(type: avro.types.WrappedUnionType, value: unknown, path: string): unknown {
  for (const branch of type.types) {
    try {
      const inner = wrapUnions(branch, value, path);
      if (inner === null) return null;
      return avro.Type.isType(type, 'union:wrapped') ? { [branch.branchName as string]: inner } : inner;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  throw new Refusal(`what is at ${path} fits no branch of the union`);
}

function check(type: AvroType, value: unknown, path: string): unknown {
  if (!type.isValid(value)) throw new Refusal(`what is at ${path === '' ? 'the top' : path} is not ${type.typeName}`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
