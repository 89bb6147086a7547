import type { SchemaElement } from 'hyparquet';
import { annotationOf } from '../leaf-type.ts';

/** How the values of a column compare (parquet.thrift, ColumnOrder, TYPE_ORDER). */
export interface ValueOrder {
  /** Negative when `a` is less, positive when it is greater. Both are in PLAIN encoding without a length. */
  readonly compare: (a: Uint8Array, b: Uint8Array) => number;
  /** True for bytes that can be a bound. */
  readonly isValue: (bytes: Uint8Array) => boolean;
  /** The bytes of zero as the lower and as the upper bound: the sign of a bound that is zero says nothing. */
  readonly zeros?: { readonly low: Uint8Array; readonly high: Uint8Array };
}

/** The order of a column's values, or undefined when there is none, or none that all writers agree on. */
export function valueOrder(element: SchemaElement): ValueOrder | undefined {
  const annotation: string | undefined = annotationOf(element)?.type;
  switch (element.type) {
    case 'BOOLEAN':
      return annotation === undefined ? integer(1, false) : undefined;
    case 'INT32':
      if (!integers.has(annotation)) return undefined;
      return integer(4, !isUnsigned(element));
    case 'INT64':
      if (!integers.has(annotation)) return undefined;
      return integer(8, !isUnsigned(element));
    case 'FLOAT':
      return annotation === undefined ? floats(4, readFloat) : undefined;
    case 'DOUBLE':
      return annotation === undefined ? floats(8, readDouble) : undefined;
    case 'BYTE_ARRAY':
      if (annotation === 'DECIMAL') return bigEndian(() => true);
      return texts.has(annotation) ? { compare: compareBytes, isValue: () => true } : undefined;
    case 'FIXED_LEN_BYTE_ARRAY': {
      if (annotation === 'DECIMAL') return bigEndian((bytes) => bytes.length === element.type_length);
      // Bounds of long values may be cut off.
      const isValue = ({ length }: Uint8Array): boolean => length <= (element.type_length ?? 0);
      return annotation === undefined || annotation === 'UUID' ? { compare: compareBytes, isValue } : undefined;
    }
    default:
      return undefined;
  }
}

const integers: ReadonlySet<string | undefined> = new Set([
  undefined,
  'INTEGER',
  'DECIMAL',
  'DATE',
  'TIME',
  'TIMESTAMP',
]);
const texts: ReadonlySet<string | undefined> = new Set([undefined, 'STRING', 'ENUM', 'JSON', 'BSON']);

function isUnsigned(element: SchemaElement): boolean {
  const annotation = annotationOf(element);
  return annotation?.type === 'INTEGER' && !annotation.isSigned;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** Two's complement or unsigned, the least significant byte first. */
function integer(width: number, isSigned: boolean): ValueOrder {
  // The last byte holds the sign: moved by half its range, bytes compare as unsigned ones.
  const flip = isSigned ? 0x80 : 0;
  return {
    compare(a, b) {
      const difference = ((a[width - 1] as number) ^ flip) - ((b[width - 1] as number) ^ flip);
      if (difference !== 0) return difference;
      for (let index = width - 2; index >= 0; index--)
        if (a[index] !== b[index]) return (a[index] as number) - (b[index] as number);
      return 0;
    },
    isValue: ({ length }) => length === width,
  };
}

// A view of its own for each bound would cost more than all that is done with it.
const scratch = new DataView(new ArrayBuffer(8));

function readFloat(bytes: Uint8Array): number {
  for (let index = 0; index < 4; index++) scratch.setUint8(index, bytes[index] as number);
  return scratch.getFloat32(0, true);
}

function readDouble(bytes: Uint8Array): number {
  for (let index = 0; index < 8; index++) scratch.setUint8(index, bytes[index] as number);
  return scratch.getFloat64(0, true);
}

function floats(width: number, valueOf: (bytes: Uint8Array) => number): ValueOrder {
  const zero = (sign: number): Uint8Array => {
    const bytes = new Uint8Array(width);
    bytes[width - 1] = sign;
    return bytes;
  };
  return {
    compare: (a, b) => Math.sign(valueOf(a) - valueOf(b)) || 0,
    isValue: (bytes) => bytes.length === width && !Number.isNaN(valueOf(bytes)),
    zeros: { low: zero(0x80), high: zero(0) },
  };
}

/** Two's complement, the most significant byte first, of any length (parquet-format, LogicalTypes, DECIMAL). */
function bigEndian(hasLength: (bytes: Uint8Array) => boolean): ValueOrder {
  const byteAt = (bytes: Uint8Array, length: number, index: number): number => {
    const own = index - (length - bytes.length);
    if (own >= 0) return bytes[own] as number;
    return (bytes[0] as number) >= 0x80 ? 0xff : 0;
  };
  return {
    compare(a, b) {
      const length = Math.max(a.length, b.length);
      for (let index = 0; index < length; index++) {
        // The first byte holds the sign: moved by half its range, bytes compare as unsigned ones.
        const flip = index === 0 ? 0x80 : 0;
        const difference = (byteAt(a, length, index) ^ flip) - (byteAt(b, length, index) ^ flip);
        if (difference !== 0) return difference;
      }
      return 0;
    },
    isValue: (bytes) => bytes.length > 0 && hasLength(bytes),
  };
}
