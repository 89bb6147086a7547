import { randomUUID } from 'node:crypto';
import { asError, type LakewardenError } from '#shared/errors/error.ts';
import type { ErrorCode } from '#shared/errors/codes.ts';
import { toJson } from '#shared/events/json.ts';
import { describeError } from '#shared/observe/log.ts';
import { scrub } from '#shared/observe/scrub.ts';
import type { Logger } from '#shared/observe/log.ts';
import type { Outcome } from './function.ts';

/** An HTTP answer; never an event. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const retryAfterSeconds = 10;

/**
 * The answer of a call that went well. Its body is for people and the command line: Knative's brokers count a success with
 * a body that is no event as a failed delivery (knative.dev/eventing, pkg/broker/filter, filter_handler.go), so without
 * `withBody` there is none.
 */
export function answerOutcome(functionName: string, outcome: Outcome, withBody: boolean): Answer {
  if (!withBody) return { statusCode: 204, headers: { 'lakewarden-outcome': outcome.status }, body: '' };
  const body = toJson({ function: functionName, status: outcome.status, result: outcome.body });
  return { statusCode: 200, headers: { ...json, 'lakewarden-outcome': outcome.status }, body };
}

/** The answer of a call that went wrong, and a line in the log; both carry the same fault id. */
export function answerError(thrown: unknown, log: Logger): Answer {
  const error = asError(thrown);
  const fault = randomUUID();
  const statusCode = statusOf(error);
  const shown =
    error.code === 'internal'
      ? 'something unforeseen went wrong; the log tells it under this fault id'
      : scrub(error.message);
  const line = `${error.code}: ${scrub(error.message)}`;
  // Only our own mistakes need a stack.
  if (error.disposition === 'bug') log.error({ fault, status: statusCode, err: thrown }, line);
  else log.warn({ fault, status: statusCode, details: error.details, cause: describeCause(error) }, line);
  const retry: Record<string, string> =
    error.disposition === 'retry' ? { 'retry-after': String(retryAfterSeconds) } : {};
  // RFC 9110, section 15.5.2: who is not known is told how to say who it is.
  const challenge: Record<string, string> = statusCode === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return {
    statusCode,
    headers: { ...json, ...retry, ...challenge },
    body: toJson({ error: { code: error.code, message: shown, fault } }),
  };
}

function describeCause({ cause }: LakewardenError): unknown {
  return cause === undefined ? undefined : { ...describeError(cause), stack: undefined };
}

const statuses: Partial<Record<ErrorCode, number>> = {
  'event.invalid': 400,
  'event.unsupported': 415,
  'event.too_large': 413,
  'sender.unknown': 401,
  'sender.forbidden': 403,
};

/** The HTTP status of an error; a rejection is never 404, 408, 409 or 429, which Knative repeats. */
function statusOf(error: LakewardenError): number {
  if (error.disposition === 'reject') return statuses[error.code] ?? 422;
  return error.disposition === 'retry' ? 503 : 500;
}

/** The answer to a method that is not POST. */
export function answerMethod(): Answer {
  const error = { code: 'event.unsupported', message: 'events come by POST to /' };
  return { statusCode: 405, headers: { ...json, allow: 'POST' }, body: toJson({ error }) };
}

/**
 * Whether the caller can use a body: it says so by `Accept`, and does not ask for an event by `Prefer: reply`, as brokers do.
 */
export function wantsBody(rawHeaders: readonly string[]): boolean {
  const values = (wanted: string): string =>
    rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted).join(',');
  return /application\/json|\*\/\*/i.test(values('accept')) && !/\breply\b/i.test(values('prefer'));
}
