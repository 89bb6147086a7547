import { LakewardenError } from '../../errors/error.ts';
import type { Type } from './types.ts';

/** Type bytes of the binary protocol (thrift-binary-protocol.md of Apache Thrift). */
export const wire = {
  stop: 0,
  bool: 2,
  i8: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  binary: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

/** The two bytes with which a strict message begins; a byte without meaning and the kind of message follow. */
export const version = 0x8001;

/** Bytes of a value, for the types whose values all have the same size. */
export const widths: Readonly<Record<number, number>> = {
  [wire.bool]: 1,
  [wire.i8]: 1,
  [wire.i16]: 2,
  [wire.i32]: 4,
  [wire.i64]: 8,
  [wire.double]: 8,
};

/** The type byte of a described type. */
export function wireType(type: Type): number {
  return wire[typeof type === 'string' ? type : type.kind];
}

/** The error for bytes that are no answer of a metastore: `metastore.protocol`. */
export function brokenMessage(reason: string): LakewardenError {
  return new LakewardenError('metastore.protocol', `the metastore's answer is no valid Thrift message: ${reason}`);
}
