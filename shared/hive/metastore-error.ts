import { isError, LakewardenError, type ErrorDetails } from '../errors/error.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Outcome } from './thrift/message.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  NoSuchObjectException: 'metastore.not_found',
  UnknownDBException: 'metastore.not_found',
  UnknownTableException: 'metastore.not_found',
  NoSuchLockException: 'metastore.not_found',
  AlreadyExistsException: 'metastore.exists',
  // Kinds 1 (unknown method) and 6 (the method failed undeclared) of Thrift's TApplicationException.
  'TApplicationException.1': 'metastore.unsupported',
  'TApplicationException.6': 'metastore.unavailable',
};

// The server has two sentences for a refused compare-and-swap; both begin like this.
const modified = 'The table has been modified';
// Derby cannot compare the text that a parameter is; the statement that compares and swaps then fails.
const cannotSwap = 'update "TABLE_PARAMS" set "PARAM_VALUE"';
const longest = 500;

/**
 * The error for an exception that the metastore answered: not_found, exists, modified (a compare-and-swap was refused),
 * unsupported (no such method, no compare-and-swap), unavailable (the server failed inside), protocol, or invalid for all
 * others. It holds
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
  const code = codeOf(line) ?? codes[exception] ?? fallback;
  return new LakewardenError(code, `the metastore refused ${action}: ${line || exception}`, {
    details: { ...details, exception },
  });
}

function codeOf(line: string): ErrorCode | undefined {
  if (line.includes(modified)) return 'metastore.modified';
  return line.includes(cannotSwap) ? 'metastore.unsupported' : undefined;
}

/** The value of an outcome. Throws the error for the exception that it may be instead. */
export function readOutcome<R>(outcome: Outcome<R>, action: string): R {
  if ('exception' in outcome) throw metastoreError(outcome.exception, outcome.message, action);
  return outcome.value;
}

/** What is found, or undefined when the metastore says that there is none. */
export async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isError(error, 'metastore.not_found')) return undefined;
    throw error;
  }
}
