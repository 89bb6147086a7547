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

/** Whether AWS says that the thing asked for is not there (any more). */
export function isGone(error: unknown): boolean {
  const name = nameOf(error);
  return /NotFound$|^NoSuchBucket$/u.test(name) || name.endsWith('.NotFound') || name.includes('NotFoundException');
}

/** The name of an error of AWS, such as `UnauthorizedOperation`. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}

/**
 * What an error of AWS means for a listing: `inventory.forbidden`, `inventory.throttled`, `deadline.exceeded` or
 * `inventory.unavailable`. Only the error's name is told: its text may hold encoded details of a policy.
 */
export function translateError(error: unknown, what: string): LakewardenError {
  const name = nameOf(error);
  const status = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
  const fail = (code: ErrorCode, reason: string): LakewardenError =>
    new LakewardenError(code, `${what} ${reason}: ${name}`, { cause: error });
  if (throttled.has(name) || status === 429) return fail('inventory.throttled', 'was throttled by AWS for too long');
  if (forbidden.has(name) || status === 403) return fail('inventory.forbidden', 'is refused by AWS');
  if (name === 'AbortError' || name === 'TimeoutError') return fail('deadline.exceeded', 'took too long');
  return fail('inventory.unavailable', 'failed');
}
