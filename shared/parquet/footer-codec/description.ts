import type { Kind } from './kinds.ts';
import { wire, type WireReader } from './wire.ts';
import type { WireWriter } from './wire-writer.ts';

/** A field of a Thrift struct. */
export interface Field<P = unknown, N = unknown, Required extends boolean = boolean> {
  readonly id: number;
  // A field stands in a list of fields of all kinds, so its writer takes what the list does not know.
  readonly kind: Pick<Kind<P, N>, 'wire' | 'read' | 'open'> & { write(writer: WireWriter, value: unknown): void };
  readonly required: Required;
}

/** The fields of a struct by name. */
export type Fields = Readonly<Record<string, Field>>;

/** A Thrift struct as its specification describes it. */
export interface Description<F extends Fields = Fields> {
  readonly name: string;
  readonly fields: F;
  readonly byId: ReadonlyMap<number, readonly [name: string, field: Field]>;
}

/** A struct as a plain object: required fields are there, optional ones may be, unknown ones are not. */
export type Plain<F extends Fields> = {
  [N in keyof F as F[N] extends Field<unknown, unknown, true> ? N : never]: PlainOf<F[N]>;
} & {
  [N in keyof F as F[N] extends Field<unknown, unknown, true> ? never : N]?: PlainOf<F[N]>;
};

/** The value of a field in a plain object. */
export type PlainOf<T> = T extends Field<infer P, infer _, infer __> ? P : never;

/** The value of a field in a lossless tree. */
export type NodeOf<T> = T extends Field<infer _, infer N, infer __> ? N : never;

/** A field that a struct may lack. */
export function optional<P, N>(id: number, kind: Kind<P, N>): Field<P, N, false> {
  return { id, kind, required: false };
}

/** A field that a struct must have. */
export function required<P, N>(id: number, kind: Kind<P, N>): Field<P, N, true> {
  return { id, kind, required: true };
}

/** Describes a struct. */
export function describe<const F extends Fields>(name: string, fields: F): Description<F> {
  const byId = new Map(Object.entries(fields).map(([field, of]) => [of.id, [field, of] as const]));
  return { name, fields, byId };
}

/** Throws `parquet.corrupt` when a known field does not have the wire type that its kind has. */
export function checkFieldType(reader: WireReader, struct: string, name: string, field: Field, type: number): void {
  const expected = field.kind.wire;
  if (type === expected || (expected === wire.true && type === wire.false)) return;
  throw reader.corrupt(`${struct}.${name} has the wire type ${type} instead of ${expected}`);
}

/** The wire type of a list's elements. A list without elements may name any type: some writers leave it out. */
export function checkElementType(reader: WireReader, element: Pick<Kind<unknown>, 'wire'>, count: number): number {
  if (count === 0 || reader.elementType === element.wire) return element.wire;
  throw reader.corrupt(`a list holds elements of the wire type ${reader.elementType} instead of ${element.wire}`);
}
