import type { ErrorCode } from '../errors/codes.ts';
import { isError, LakewardenError } from '../errors/error.ts';

/** Makes an error of the client one of ours. Reasons stand deep inside nested errors; the innermost ones tell most. */
export function translate(error: unknown, what: string): LakewardenError {
  const reasons = innermost(error);
  const own = reasons.find((reason) => isError(reason));
  const found =
    own?.code ?? reasons.map(({ apiId }) => codesByReason[String(apiId)]).find((code) => code !== undefined);
  const fallback = reasons.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION')
    ? 'kafka.unauthenticated'
    : reasons.some(({ message }) => message.startsWith('Unknown topic '))
      ? 'kafka.not_found'
      : 'kafka.unavailable';
  const code = found ?? fallback;
  const told = [...new Set(reasons.map(({ message }) => message))].slice(0, 3).join('; ');
  return new LakewardenError(code, `Kafka: ${what} failed: ${told}`, { cause: error });
}

const codesByReason: Readonly<Record<string, ErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'kafka.not_found',
  INVALID_TOPIC_EXCEPTION: 'kafka.not_found',
  TOPIC_ALREADY_EXISTS: 'kafka.exists',
  TOPIC_AUTHORIZATION_FAILED: 'kafka.access_denied',
  GROUP_AUTHORIZATION_FAILED: 'kafka.access_denied',
  CLUSTER_AUTHORIZATION_FAILED: 'kafka.access_denied',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'kafka.access_denied',
  SECURITY_DISABLED: 'kafka.unsupported',
  SASL_AUTHENTICATION_FAILED: 'kafka.unauthenticated',
  OFFSET_OUT_OF_RANGE: 'kafka.out_of_range',
  INVALID_PRODUCER_EPOCH: 'kafka.fenced',
  PRODUCER_FENCED: 'kafka.fenced',
  INVALID_PRODUCER_ID_MAPPING: 'kafka.fenced',
  MESSAGE_TOO_LARGE: 'kafka.invalid',
  RECORD_LIST_TOO_LARGE: 'kafka.invalid',
  INVALID_TIMESTAMP: 'kafka.invalid',
  INVALID_RECORD: 'kafka.invalid',
  INVALID_TRANSACTION_TIMEOUT: 'kafka.invalid',
  INVALID_PARTITIONS: 'kafka.invalid',
  INVALID_REPLICATION_FACTOR: 'kafka.invalid',
  INVALID_CONFIG: 'kafka.invalid',
  POLICY_VIOLATION: 'kafka.invalid',
};

interface Reason {
  readonly message: string;
  readonly apiId?: unknown;
  readonly code?: unknown;
}

function innermost(error: unknown, depth = 0): Reason[] {
  if (!(error instanceof Error)) return [{ message: String(error) }];
  if (isError(error)) return [error];
  const inner = [...(error instanceof AggregateError ? (error.errors as unknown[]) : []), error.cause];
  const reasons = inner.filter((each) => each !== undefined && depth < 8).flatMap((each) => innermost(each, depth + 1));
  const isTelling = 'apiId' in error || ('code' in error && error.code === 'PLT_KFK_AUTHENTICATION');
  return reasons.length > 0 ? [...reasons, ...(isTelling ? [error] : [])] : [error];
}
