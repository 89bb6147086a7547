import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '#shared/errors/codes.ts';
import { LakewardenError, type ErrorDetails } from '#shared/errors/error.ts';
import { TransportError, type Body } from './http.ts';
import { encodePath } from './path.ts';
import { oneLine } from './remote-exception.ts';

/** Values of query parameters; `undefined` leaves one out, which means the server's default. */
export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

/** One WebHDFS operation on one path. */
export interface Operation {
  readonly op: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Absolute and clean. */
  readonly path: string;
  readonly params?: Params | undefined;
  /** True when doing it twice ends as doing it once. */
  readonly repeatable: boolean;
  /** Sent to the DataNode that the NameNode names. */
  readonly body?: Body | undefined;
  /** A page of the server beside WebHDFS, such as `/conf`; the path then only says what it is about. */
  readonly page?: string;
  /** May go to a DataNode that the NameNode named for another file of the folder. */
  readonly direct?: boolean;
}

/** An error that names the operation and the path. */
export function failure(
  { op, path }: Pick<Operation, 'op' | 'path'>,
  code: ErrorCode,
  reason: string,
  details: ErrorDetails = {},
  cause?: unknown,
): LakewardenError {
  const options = { details: { operation: op, path, ...details }, ...(cause === undefined ? {} : { cause }) };
  return new LakewardenError(code, `HDFS ${op} of ${path} failed: ${reason}`, options);
}

/** Marks an error after which it is not known whether the work was done. */
export function doubt(ambiguous: boolean): ErrorDetails {
  return ambiguous ? { ambiguous: true } : {};
}

/** Reads a body to its end, at most `limit` bytes (`limit.exceeded`). Throws TransportError when it is cut off. */
export async function readBody(message: IncomingMessage, operation: Operation, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of message) {
      bytes += (piece as Buffer).length;
      if (bytes > limit) break;
      pieces.push(piece as Buffer);
    }
  } catch (error) {
    throw new TransportError(error, true);
  } finally {
    message.destroy();
  }
  if (bytes > limit) throw failure(operation, 'limit.exceeded', `the answer is longer than ${limit} bytes`, { limit });
  return Buffer.concat(pieces, bytes);
}

/** Refuses a body whose end cannot be told from a lost connection (`hdfs.protocol`). */
export function requireLength(message: IncomingMessage, operation: Operation): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers;
  if (length !== undefined || encoding === 'chunked') return;
  throw failure(operation, 'hdfs.protocol', 'the server does not say how long the data is');
}

/**
 * Where a redirect leads. What it says is followed to the letter, since the NameNode put there what the DataNode needs;
 * nothing of ours is added. From https it may not lead to http (`hdfs.protocol`), where the token in it could be read.
 */
export function redirectTarget(location: string, from: URL, operation: Operation): URL {
  const target = URL.parse(location, from.href);
  if (target === null) throw failure(operation, 'hdfs.protocol', 'the redirect is no URL');
  if (target.protocol !== 'https:' && !(target.protocol === 'http:' && from.protocol === 'http:')) {
    const reason = `the server redirects from ${from.protocol} to ${target.protocol}//${target.host}`;
    throw failure(operation, 'hdfs.protocol', reason);
  }
  // Java composes what it puts into a URI (`a` and a combining accent become one letter): that would be another file.
  if (operation.path !== operation.path.normalize('NFC')) {
    target.pathname = target.pathname.replace(/\/webhdfs\/v1\/.*$/, () => `/webhdfs/v1${encodePath(operation.path)}`);
  }
  return target;
}

/** Parses a JSON answer; `pick` gives undefined for what has not the due form, which ends in `hdfs.protocol`. */
export function parseAnswer<T>(
  operation: Operation,
  text: string,
  pick: (value: Record<string, unknown>) => T | undefined,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is no JSON has not the due form either.
  }
  const picked = typeof value === 'object' && value !== null ? pick(value as Record<string, unknown>) : undefined;
  if (picked !== undefined) return picked;
  throw failure(operation, 'hdfs.protocol', `the answer is not the JSON that is due: ${oneLine(text).slice(0, 80)}`);
}
