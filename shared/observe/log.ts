import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { isError } from '#shared/errors/error.ts';
import { scrub } from './scrub.ts';

export type { Logger };

const secretKeys = ['password', 'secret', 'token', 'authorization', 'apiKey', 'credentials'];

/** A JSON log, one object per line, written before the call returns, so that a crash loses no line. */
export function createLog(
  options: { function: string; level: string; pod?: string | undefined },
  stream: DestinationStream = destination({ sync: true }),
): Logger {
  return pino(
    {
      level: options.level,
      base: { function: options.function, pod: options.pod },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeError(error) },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    },
    stream,
  );
}

/** An error as plain data with its causes (five at most), its stack, and no secrets in its texts. */
export function describeError(error: unknown, depth = 5): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: scrub(String(error)) };
  const ours = isError(error) ? { code: error.code, details: error.details } : {};
  const { code } = error as NodeJS.ErrnoException;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...ours,
    message: scrub(error.message),
    stack: scrub(error.stack ?? ''),
    ...(error.cause !== undefined && depth > 1 ? { cause: describeError(error.cause, depth - 1) } : {}),
  };
}
