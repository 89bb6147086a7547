import type { Resource } from '../../model/resource.ts';
import { isGone, translateError } from './aws-error.ts';
import type { AwsKind } from './kinds.ts';
import type { AwsPlace } from './place.ts';
import type { AwsSettings } from './settings.ts';

/** Reads the kinds of one service of AWS in one place. */
export interface AwsReader {
  /** All resources of a kind, a page at a time. */
  list(kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]>;
  /** One resource by its id within its kind; undefined when it is gone. */
  read(kind: AwsKind, id: string, signal: AbortSignal): Promise<Resource | undefined>;
  close(): void;
}

/** What a reader is made of. */
export interface AwsAccess {
  readonly place: AwsPlace;
  readonly settings: AwsSettings;
}

/** Settings that the clients of all services share. They give up a call after the settings' attempts, and slow down when throttled. */
export function clientOptions({ place, settings }: AwsAccess): {
  readonly region: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly maxAttempts: number;
  readonly retryMode: 'adaptive';
} {
  const { profile } = settings.accounts.find(({ id }) => id === place.account) ?? {};
  return {
    region: place.region,
    maxAttempts: settings.attempts,
    retryMode: 'adaptive',
    ...(settings.endpoint !== undefined && { endpoint: settings.endpoint }),
    ...(profile !== undefined && { profile }),
  };
}

/** Makes one call within its deadline. Throws what {@link translateError} makes of its error. */
export async function callAws<Answer>(
  { place, settings }: AwsAccess,
  name: string,
  signal: AbortSignal,
  call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(settings.deadlineSeconds * 1_000)]);
  try {
    return await call({ abortSignal: deadline });
  } catch (error) {
    throw translateError(error, `${name} in ${place.region} of account ${place.account}`);
  }
}

/** The answer of a call, or undefined where what it asks about is gone. */
export async function unlessGone<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && isGone(error.cause)) return undefined;
    throw error;
  }
}
