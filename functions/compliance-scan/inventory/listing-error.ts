import type { ErrorCode } from '#shared/errors/codes.ts';
import { asError, LakewardenError } from '#shared/errors/error.ts';

/**
 * Says of an error of a client what it means for a listing: not allowed, away, or cut short. Errors of the settings and
 * deadlines stay as they are.
 */
export function asListingError(thrown: unknown, what: string): LakewardenError {
  const error = asError(thrown);
  const code = listingCode(error.code);
  if (code === undefined) return error;
  return new LakewardenError(code, `${what} cannot be listed: ${error.message}`, {
    details: error.details,
    cause: error,
  });
}

const forbidden: readonly ErrorCode[] = ['kafka.access_denied', 'hdfs.access_denied'];
const unavailable =
  /^(kafka|hdfs|metastore)\.(unavailable|unauthenticated|busy|standby|safe_mode|fenced|protocol|not_found|invalid|unsupported)$/;

function listingCode(code: ErrorCode): ErrorCode | undefined {
  if (forbidden.includes(code)) return 'inventory.forbidden';
  return unavailable.test(code) ? 'inventory.unavailable' : undefined;
}
