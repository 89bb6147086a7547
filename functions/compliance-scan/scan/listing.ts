import { asError, LakewardenError } from '#shared/errors/error.ts';
import { scrub } from '#shared/observe/scrub.ts';
import type { Resource } from '../model/resource.ts';
import type { FoundScope } from './batches.ts';

/** What came of a listing. */
export interface Listed {
  readonly resources: number;
  /** Why it did not come to its end. */
  readonly error?: LakewardenError;
}

/** How long a listing may take. */
export interface ListingLimits {
  readonly listingMs: number;
  readonly signal: AbortSignal;
  /** Told of the number of resources after each page. */
  readonly onPage?: ((resources: number) => void) | undefined;
}

/** Lists a scope to its end, or as far as it goes. @throws the signal's reason when the whole run is to stop */
export async function listScope(
  { source, scope }: FoundScope,
  take: (resource: Resource) => void,
  { listingMs, signal, onPage }: ListingLimits,
): Promise<Listed> {
  const limit = AbortSignal.timeout(Math.max(1, Math.ceil(listingMs)));
  let resources = 0;
  try {
    for await (const page of until(source.list(scope, AbortSignal.any([signal, limit])), limit, signal)) {
      resources += page.length;
      for (const resource of page) take(resource);
      onPage?.(resources);
    }
    return { resources };
  } catch (thrown) {
    signal.throwIfAborted();
    const seconds = Math.round(listingMs / 1_000);
    const error = limit.aborted
      ? new LakewardenError('deadline.exceeded', `listing ${scope.id} took longer than ${seconds} s`)
      : tellable(thrown);
    return { resources, error };
  }
}

/** An error that may be shown: what clients throw may quote an address with its password. */
export function tellable(thrown: unknown): LakewardenError {
  const error = asError(thrown);
  const message = scrub(error.message);
  return message === error.message
    ? error
    : new LakewardenError(error.code, message, { cause: error, details: error.details });
}

/** Goes through pages, and gives up one that does not come though the signals say stop. */
async function* until<Page>(pages: AsyncIterable<Page>, ...signals: AbortSignal[]): AsyncGenerator<Page> {
  const iterator = pages[Symbol.asyncIterator]();
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined);
  const stop = (event: Event): void => stopped.reject((event.target as AbortSignal).reason as Error);
  for (const signal of signals) signal.addEventListener('abort', stop);
  try {
    for (;;) {
      for (const signal of signals) signal.throwIfAborted();
      const next = await Promise.race([iterator.next(), stopped.promise]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', stop);
    // A source that hangs must not be waited for; one that does not is told to clean up.
    iterator.return?.()?.catch(() => undefined);
  }
}
