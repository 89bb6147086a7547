import { LakewardenError, type ErrorDetails } from '../errors/error.ts';
import type { ErrorCode } from '../errors/codes.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  NoSuchObjectException: 'metastore.not_found',
  UnknownDBException: 'metastore.not_found',
  UnknownTableException: 'metastore.not_found',
  AlreadyExistsException: 'metastore.exists',
  // Kinds 1 (unknown method) and 6 (the method failed undeclared) of Thrift's TApplicationException.
  'TApplicationException.1': 'metastore.unsupported',
  'TApplicationException.6': 'metastore.unavailable',
};

// The server has two sentences for a refused compare-and-swap; both begin like this.
const modified = 'The table has been modified';
const longest = 500;

/**
 * The error for an exception that the metastore answered: not_found, exists, modified (a compare-and-swap was refused),
 * unsupported (no such method), unavailable (the server failed inside), protocol, or invalid for all others. It holds
 * the first line of the server's message, and the name of the exception in its details.
 */
export function metastoreError(
  exception: string,
  message: string,
  action: string,
  details: ErrorDetails = {},
): LakewardenError {
  const line = (message.split(/[\r\n]/, 1)[0] ?? '').slice(0, longest).toWellFormed();
  const fallback = exception.startsWith('TApplicationException') ? 'metastore.protocol' : 'metastore.invalid';
  const code = line.includes(modified) ? 'metastore.modified' : (codes[exception] ?? fallback);
  return new LakewardenError(code, `the metastore refused ${action}: ${line || exception}`, {
    details: { ...details, exception },
  });
}
