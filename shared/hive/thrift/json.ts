import { LakewardenError } from '../../errors/error.ts';
import type { StructType, Type, Value } from './types.ts';

/**
 * Reads a struct of Thrift's JSON protocol (TJSONProtocol), parsed as JSON: the metastore's notifications hold tables and
 * partitions in it. Fields that we do not know are left out. Throws metastore.protocol.
 */
export function decodeJson<T extends StructType>(type: T, json: unknown): Value<T> {
  return decode(type, json) as Value<T>;
}

function decode(type: Type, json: unknown): unknown {
  if (typeof type === 'string') return decodePrimitive(type, json);
  if (type.kind === 'struct') {
    if (typeof json !== 'object' || json === null) throw malformed(type.name, json);
    const fields = type.sorted.flatMap(({ id, name, type: inner }) => {
      // A field is an object whose one key names the type.
      const [value] = Object.values((json as Record<string, object | undefined>)[id] ?? {}) as unknown[];
      return value === undefined ? [] : [[name, decode(inner, value)] as const];
    });
    return Object.fromEntries(fields);
  }
  if (!Array.isArray(json)) throw malformed(type.kind, json);
  if (type.kind === 'map') {
    // [type of keys, type of values, size, {key: value}]; only keys that are texts can be told apart.
    const entries = type.key === 'string' ? Object.entries((json[3] ?? {}) as object) : [];
    return new Map(entries.map(([key, value]) => [key, decode(type.value, value)]));
  }
  // [type of items, size, item, item, …]
  const items = json.slice(2).map((item) => decode(type.item, item));
  return type.kind === 'set' ? new Set(items) : items;
}

function decodePrimitive(type: Type & string, json: unknown): unknown {
  const isText = type === 'string' || type === 'binary';
  if (typeof json !== (isText ? 'string' : 'number')) throw malformed(type, json);
  if (typeof json === 'string') return type === 'binary' ? Buffer.from(json, 'base64') : json;
  if (type === 'bool') return json === 1;
  return type === 'i64' ? BigInt(Math.trunc(json as number)) : json;
}

function malformed(what: string, json: unknown): LakewardenError {
  return new LakewardenError('metastore.protocol', `${typeof json} found where JSON of Thrift's ${what} should be`);
}
