/** Types of the Thrift IDL that hold one value. */
export type Primitive = 'bool' | 'i8' | 'i16' | 'i32' | 'i64' | 'double' | 'string' | 'binary';

/** A list of the IDL: `list<item>`. */
export interface ListType {
  readonly kind: 'list';
  readonly item: Type;
}
/** A set of the IDL: `set<item>`. */
export interface SetType {
  readonly kind: 'set';
  readonly item: Type;
}
/** A map of the IDL: `map<key, value>`. */
export interface MapType {
  readonly kind: 'map';
  readonly key: Type;
  readonly value: Type;
}
/** A field of a struct: its id and type, and whether it must be there. */
export type Field = readonly [id: number, type: Type] | readonly [id: number, type: Type, required: 'required'];
/** The fields of a struct by name. */
export type Fields = Readonly<Record<string, Field>>;
/** A struct of the IDL with the fields that we know; what else a peer sends is carried along. */
export interface StructType {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: Fields;
  /** The fields by rising id: the order in which they are written. */
  readonly sorted: readonly StructField[];
  readonly byId: ReadonlyMap<number, StructField>;
}
/** A field of a struct, with its name. */
export interface StructField {
  readonly name: string;
  readonly id: number;
  readonly type: Type;
  readonly required: boolean;
}
/** Any type of the IDL. Enums are i32. */
export type Type = Primitive | ListType | SetType | MapType | StructType;

/** A struct whose fields the compiler knows. */
export interface Struct<F extends Fields> extends StructType {
  readonly fields: F;
}

type RequiredNames<F extends Fields> = {
  [K in keyof F]: F[K] extends readonly [number, Type, 'required'] ? K : never;
}[keyof F];
type StructValue<F extends Fields> = {
  readonly [K in RequiredNames<F>]: Value<F[K][1]>;
} & {
  readonly [K in Exclude<keyof F, RequiredNames<F>>]?: Value<F[K][1]> | undefined;
};

/** The TypeScript type of the values of a Thrift type: i64 is bigint, maps are Map (they keep the order of any keys). */
export type Value<T> = T extends 'bool'
  ? boolean
  : T extends 'i64'
    ? bigint
    : T extends 'string'
      ? string
      : T extends 'binary'
        ? Uint8Array
        : T extends Primitive
          ? number
          : T extends { readonly kind: 'list'; readonly item: infer I }
            ? readonly Value<I>[]
            : T extends { readonly kind: 'set'; readonly item: infer I }
              ? ReadonlySet<Value<I>>
              : T extends { readonly kind: 'map'; readonly key: infer K; readonly value: infer V }
                ? ReadonlyMap<Value<K>, Value<V>>
                : T extends { readonly kind: 'struct'; readonly fields: infer F extends Fields }
                  ? StructValue<F>
                  : never;

/** Describes `list<item>`. */
export function list<const T extends Type>(item: T): { readonly kind: 'list'; readonly item: T } {
  return { kind: 'list', item };
}

/** Describes `set<item>`. */
export function set<const T extends Type>(item: T): { readonly kind: 'set'; readonly item: T } {
  return { kind: 'set', item };
}

/** Describes `map<key, value>`. */
export function map<const K extends Type, const V extends Type>(
  key: K,
  value: V,
): { readonly kind: 'map'; readonly key: K; readonly value: V } {
  return { kind: 'map', key, value };
}

/** Describes a struct, union or exception by its fields: `{ name: [id, type] }`. */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  const sorted = Object.entries<Field>(fields)
    .map(([field, [id, type, required]]) => ({ name: field, id, type, required: required !== undefined }))
    .toSorted((a, b) => a.id - b.id);
  return { kind: 'struct', name, fields, sorted, byId: new Map(sorted.map((field) => [field.id, field])) };
}

/**
 * Where a decoded struct keeps what it cannot say by its named fields: the order of the fields when it is not by id,
 * and the bytes of the fields that we do not know. It is an own symbol, so `{ ...table, owner }` carries it along;
 * `structuredClone` and JSON lose it.
 */
export const carried: unique symbol = Symbol('carried');

/** A field as it came: the id of a known one, or the id and all bytes (with header) of one that is unknown. */
export type CarriedField = number | { readonly id: number; readonly bytes: Buffer };
