import avro from 'avsc';
import type { AvroType } from '../diagnose/avro.ts';
import { isObject, isRawNumber, type JsonValue, type RawNumber } from './json-document.ts';
import { Refusal } from './refusal.ts';

/** Levels of a value. */
const maxDepth = 500;
/** Branches that did not fit after all: within each other, they could be tried for ever. */
const maxMisses = 1_000;

/** Makes values as the library wants them of plain JSON: defaults are filled in, branches of unions chosen, the first that fits. */
export class AvroValues {
  #misses = 0;
  #isTooDeep = false;

  /** @throws Refusal that names the field; keys of maps and numbers of elements are not told */
  make(type: AvroType, value: JsonValue, path = '', depth = 0): unknown {
    const { Type, types } = avro;
    this.#isTooDeep ||= depth > maxDepth || this.#misses > maxMisses;
    if (this.#isTooDeep) throw new Refusal('the value is nested too deeply');
    if (Type.isType(type, 'union')) return this.#union(type as avro.types.WrappedUnionType, value, path, depth);
    if (type instanceof types.RecordType) return this.#record(type, value, path, depth);
    if (type instanceof types.ArrayType && Array.isArray(value))
      return value.map((item) => this.make(type.itemsType, item, `${path}/*`, depth + 1));
    if (type instanceof types.MapType && isObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, this.make(type.valuesType, inner, `${path}/*`, depth + 1)]),
      );
    const made = leaf(type, value);
    if (made === undefined || !type.isValid(made))
      throw new Refusal(`what is at ${shown(path)} is not ${nameOf(type)}`);
    return made;
  }

  #record(type: avro.types.RecordType, value: JsonValue, path: string, depth: number): unknown {
    if (!isObject(value)) throw new Refusal(`no object at ${shown(path)}, which the schema wants`);
    const known = new Set(type.fields.map(({ name }) => name));
    if (Object.keys(value).some((name) => !known.has(name)))
      throw new Refusal(`the schema has no field for a member of ${shown(path)}`);
    const filled: Record<string, unknown> = {};
    for (const field of type.fields) {
      const { name } = field;
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      filled[name] =
        given === undefined ? field.defaultValue() : this.make(field.type, given, `${path}/${name}`, depth + 1);
      if (filled[name] === undefined) throw new Refusal(`there is nothing at ${path}/${name}, which the schema wants`);
    }
    return filled;
  }

  #union(type: avro.types.WrappedUnionType, value: JsonValue, path: string, depth: number): unknown {
    const branches = type.types.filter((branch) => kindsOf(branch).includes(kindOf(value)));
    for (const branch of branches) {
      try {
        const inner = this.make(branch, value, path, depth + 1);
        return inner === null ? null : { [branch.branchName as string]: inner };
      } catch (error) {
        if (!(error instanceof Refusal) || this.#isTooDeep || branches.length === 1) throw error;
        this.#misses += 1;
      }
    }
    throw new Refusal(`what is at ${shown(path)} fits no branch of the union`);
  }
}

type Kind = 'null' | 'boolean' | 'number' | 'text' | 'list' | 'object';

function kindOf(value: JsonValue): Kind {
  if (value === null) return 'null';
  if (isRawNumber(value)) return 'number';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  return Array.isArray(value) ? 'list' : 'object';
}

/** What of JSON may become a type. */
function kindsOf(type: AvroType): readonly Kind[] {
  const name = nameOf(type);
  if (name === 'null' || name === 'boolean') return [name];
  if (['int', 'long', 'float', 'double'].includes(name)) return ['number'];
  if (name === 'array') return ['list'];
  return ['record', 'error', 'map'].includes(name) ? ['object'] : ['text'];
}

function leaf(type: AvroType, value: JsonValue): unknown {
  const { BytesType, FixedType } = avro.types;
  if (isRawNumber(value)) return numberOf(type, value);
  if ((type instanceof BytesType || type instanceof FixedType) && typeof value === 'string')
    // oxlint-disable-next-line no-control-regex -- bytes are characters up to 255
    return /^[\0-\xff]*$/.test(value) ? Buffer.from(value, 'latin1') : undefined;
  return value;
}

/** A number as its type has it; undefined where it would lose digits before the point. */
function numberOf(type: AvroType, { rawJSON: text }: RawNumber): number | bigint | undefined {
  const number = Number(text);
  const isWhole = /^-?\d+$/.test(text);
  if (nameOf(type) === 'long')
    return isWhole ? BigInt(text) : Number.isSafeInteger(number) ? BigInt(number) : undefined;
  if (isWhole && (!Number.isFinite(number) || BigInt(number) !== BigInt(text))) return undefined;
  return Number.isFinite(nameOf(type) === 'float' ? Math.fround(number) : number) ? number : undefined;
}

/** The library calls numbers of 64 bits by another name, where they are ours. */
function nameOf({ typeName }: AvroType): string {
  return typeName.replace(/^abstract:/, '');
}

function shown(path: string): string {
  return path === '' ? 'the top' : path;
}
