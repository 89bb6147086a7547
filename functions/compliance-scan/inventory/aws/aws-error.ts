import type { ErrorCode } from '#shared/errors/codes.ts';
import { LakewardenError } from '#shared/errors/error.ts';

const forbidden = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthFailure',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'UnauthorizedOperation',
  'UnrecognizedClientException',
]);

const throttled = new Set([
  'EC2ThrottledException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** An answer of AWS that is an error. Its text is not kept: it may hold encoded details of a policy. */
export class AwsFailure extends Error {
  /** The same as the name: where spans look for what went wrong. */
  readonly code: string;
  readonly status: number;
  /** Where a bucket really is, when that is what was wrong. */
  readonly region: string | undefined;

  constructor(code: string, status: number, region?: string) {
    super(`AWS answers ${status} ${code}`);
    this.name = code;
    this.code = code;
    this.status = status;
    this.region = region;
  }
}

/** The name of an error, of AWS's own its code: `UnauthorizedOperation`. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof AwsFailure || code === undefined ? error.name : code;
}

/** Whether AWS says that the thing asked for is not there (any more). */
export function isGone(error: unknown): boolean {
  return error instanceof AwsFailure && /NotFound(?:Exception)?$|^NoSuchBucket$/u.test(error.name);
}

/** Whether AWS asks to be asked less often. */
export function isThrottled(error: unknown): boolean {
  return error instanceof AwsFailure && (throttled.has(error.name) || error.status === 429);
}

/** Whether the same question may be answered a moment later. What is not an answer of AWS is trouble on the way to it. */
export function isPassing(error: unknown): boolean {
  if (error instanceof AwsFailure) return isThrottled(error) || error.status >= 500;
  return nameOf(error) !== 'CredentialsProviderError';
}

/** What an error means for a listing: `deadline.exceeded`, `inventory.throttled`, `inventory.forbidden` or `inventory.unavailable`. */
export function translateError(error: unknown, what: string, isLate: boolean): LakewardenError {
  const name = nameOf(error);
  const fail = (code: ErrorCode, reason: string): LakewardenError =>
    new LakewardenError(code, `${what} ${reason}: ${name}`, { cause: error });
  if (isThrottled(error)) return fail('inventory.throttled', 'was throttled by AWS for too long');
  if (isLate) return fail('deadline.exceeded', 'took too long');
  if (forbidden.has(name) || (error instanceof AwsFailure && error.status === 403))
    return fail('inventory.forbidden', 'is refused by AWS');
  return fail('inventory.unavailable', 'failed');
}
