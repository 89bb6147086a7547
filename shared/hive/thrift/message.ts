import { decodeStruct } from './decode.ts';
import { encodeStruct } from './encode.ts';
import { struct, type Fields, type Struct, type StructType, type Type, type Value } from './types.ts';
import { brokenMessage, version } from './wire.ts';

/** A method of a Thrift service, with what its answer may be. */
export interface Method<A extends StructType = StructType, R = unknown> {
  readonly name: string;
  /** True when the call changes nothing, so that it may be repeated. */
  readonly reads: boolean;
  readonly args: A;
  readonly answer: StructType;
  readonly isVoid: boolean;
  /** Only for the type of the answer. */
  readonly result?: R;
}

/** What a call came to: a value, or an exception by its name in the IDL. */
export type Outcome<R> = { readonly value: R } | { readonly exception: string; readonly message: string };

const Exception = struct('exception', { message: [1, 'string'] });
/** TApplicationException of the Thrift runtime: the call did not reach the method, or the method failed undeclared. */
const ApplicationException = struct('TApplicationException', { message: [1, 'string'], type: [2, 'i32'] });
const kinds = { call: 1, reply: 2, exception: 3 } as const;

/** Describes a method by its arguments, its result and the exceptions that it declares, in the order of their ids. */
export function method<const F extends Fields, const R extends Type | 'void'>(
  kind: 'reads' | 'writes',
  name: string,
  args: F,
  result: R,
  ...exceptions: string[]
): Method<Struct<F>, R extends 'void' ? void : Value<R>> {
  const answer: Record<string, Fields[string]> = {};
  if (result !== 'void') answer['success'] = [0, result];
  for (const [index, exception] of exceptions.entries()) answer[exception] = [index + 1, Exception];
  return {
    name,
    reads: kind === 'reads',
    args: struct(`${name}_args`, args),
    answer: struct(`${name}_result`, answer),
    isVoid: result === 'void',
  };
}

/** A call as a strict message of the binary protocol. */
export function encodeCall<A extends StructType>(call: Method<A>, args: Value<A>, sequence: number): Buffer {
  const name = Buffer.from(call.name);
  const head = Buffer.alloc(8 + name.length + 4);
  head.writeUInt16BE(version, 0);
  head.writeUInt16BE(kinds.call, 2);
  head.writeInt32BE(name.length, 4);
  name.copy(head, 8);
  head.writeInt32BE(sequence, 8 + name.length);
  return Buffer.concat([head, encodeStruct(call.args, args)]);
}

/** The outcome of a call out of its answer. Throws metastore.protocol when the answer belongs to another call. */
export function decodeAnswer<R>(call: Method<StructType, R>, bytes: Buffer, sequence: number): Outcome<R> {
  const nameLength = bytes.length < 12 ? -1 : bytes.readInt32BE(4);
  if (nameLength < 0 || nameLength > bytes.length - 12) throw brokenMessage('it has no name');
  if (bytes.readUInt16BE(0) !== version) throw brokenMessage('it does not start with a version');
  const kind = bytes.readUInt8(3);
  const body = 8 + nameLength + 4;
  const name = bytes.toString('utf8', 8, body - 4);
  const answered = bytes.readInt32BE(body - 4);
  if (name !== call.name || answered !== sequence) {
    throw brokenMessage(`it answers call ${answered} of ${name.slice(0, 64)}, not ${sequence} of ${call.name}`);
  }
  if (kind === kinds.exception) {
    const { value } = decodeStruct(ApplicationException, bytes, body);
    return { exception: `TApplicationException.${value.type ?? 0}`, message: value.message ?? '' };
  }
  if (kind !== kinds.reply) throw brokenMessage(`it is of kind ${kind}`);
  return readOutcome(call, bytes, body);
}

function readOutcome<R>(call: Method<StructType, R>, bytes: Buffer, body: number): Outcome<R> {
  const { value, end } = decodeStruct(call.answer, bytes, body);
  if (end !== bytes.length) throw brokenMessage('bytes follow it');
  const result = value as Record<string, unknown>;
  const [entry] = Object.entries(result);
  if (entry?.[0] === 'success') return { value: entry[1] as R };
  if (entry !== undefined) return { exception: entry[0], message: (entry[1] as { message?: string }).message ?? '' };
  // A void answer is an empty struct; anything else in it is an exception that we do not know.
  if (call.isVoid && Object.getOwnPropertySymbols(result).length === 0) return { value: undefined as R };
  throw brokenMessage(`${call.name} gives neither a result nor an exception that we know`);
}
