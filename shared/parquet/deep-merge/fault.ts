import type { ErrorCode } from '../../errors/codes.ts';
import { isError, LakewardenError } from '../../errors/error.ts';

/** The error for bytes that cannot be what their writer meant. */
export function corrupt(reason: string): LakewardenError {
  return fault('parquet.corrupt', reason);
}

/** The error for what the format allows and this version does not know how to merge. */
export function unsupported(reason: string): LakewardenError {
  return fault('parquet.unsupported', reason);
}

/** The error for what cannot be read without a key. */
export function encrypted(reason: string): LakewardenError {
  return fault('parquet.encrypted', reason);
}

/** The same error with the path of the file in front. */
export function aboutFile(path: string, error: unknown): unknown {
  if (!isError(error) || error.details['path'] !== undefined) return error;
  const reason = String(error.details['reason'] ?? error.message);
  return new LakewardenError(error.code, `${path} cannot be merged: ${reason}`, {
    details: { path, reason },
    cause: error,
  });
}

/** Where in the input something is wrong. */
export interface Place {
  readonly path: string;
  readonly rowGroup: number;
  /** The way to the column in the schema, such as `address.city`. */
  readonly column: string;
  /** Counted from 0 in the column chunk, dictionary included; -1 before the first page. */
  readonly page?: number;
}

/** The same error with the place in front. */
export function aboutPlace({ path, rowGroup, column, page = -1 }: Place, error: unknown): unknown {
  if (!isError(error) || error.details['path'] !== undefined) return error;
  const reason = String(error.details['reason'] ?? error.message);
  const where = `column ${column}, row group ${rowGroup}${page < 0 ? '' : `, page ${page}`}`;
  return new LakewardenError(error.code, `${path} cannot be merged: ${where}: ${reason}`, {
    details: { path, rowGroup, column, ...(page >= 0 && { page }), reason },
    cause: error,
  });
}

function fault(code: ErrorCode, reason: string): LakewardenError {
  return new LakewardenError(code, `The Parquet file cannot be merged: ${reason}`, { details: { reason } });
}
