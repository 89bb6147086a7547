import { codes, type Disposition, type ErrorCode } from './codes.ts';

/** Plain data that names the things an error concerns: a path, a table, a column. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>;

/** The one error class of the house: a code from the closed list, a sentence, and the things it concerns. */
export class LakewardenError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LakewardenError';
    this.code = code;
    this.details = options.details ?? {};
  }

  /** What a caller should do: reject, retry, or report a bug. */
  get disposition(): Disposition {
    return codes[this.code];
  }
}

/** True for an error of ours, with one of the codes when some are given. Works across bundles, where `instanceof` does not. */
export function isError(error: unknown, ...wanted: ErrorCode[]): error is LakewardenError {
  if (!(error instanceof Error) || error.name !== 'LakewardenError') return false;
  const { code } = error as LakewardenError;
  return code in codes && (wanted.length === 0 || wanted.includes(code));
}

/** Turns anything that was thrown into an error of ours; what is unknown becomes `internal`. */
export function asError(error: unknown): LakewardenError {
  if (isError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LakewardenError('internal', message, { cause: error });
}
