import { asError, LakewardenError } from '#shared/errors/error.ts';
import type { HiveServer } from '#shared/hive/hiveserver.ts';
import type { Row } from '#shared/hive/hiveserver-rows.ts';
import type { Lease } from '../journal/journal.ts';

/** How often in the time of a lease it is renewed. */
const renewals = 4;

/** What a session of the engine needs besides a connection. */
export interface SessionOptions {
  readonly lease: Lease;
  readonly leaseSeconds: number;
  /** Milliseconds for all statements together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works in one session of Hive, renewing the lease meanwhile. The session ends with the work, with the time, with the lease, or with
 * the signal; what runs in it is cancelled then, and its temporary tables go.
 * @throws hive.failed when Hive refuses, is away or is too slow; plan.stale when the partition is not ours any more
 */
export async function withSession<T>(
  hive: HiveServer,
  { lease, leaseSeconds, timeoutMs, signal }: SessionOptions,
  work: (ask: (sql: string) => Promise<Row[]>) => Promise<T>,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let lost: LakewardenError | undefined;
  const renew = async (): Promise<void> => {
    try {
      await lease.renew();
    } catch (thrown) {
      const error = asError(thrown);
      // Other trouble passes, or the next renewal finds that it was too late.
      if (error.code !== 'plan.stale') return;
      lost = error;
      await hive.close();
    }
  };
  const timer = setInterval(() => void renew(), (leaseSeconds * 1_000) / renewals);
  const stop = (): void => void hive.close();
  signal?.addEventListener('abort', stop);
  try {
    return await work(async (sql) => {
      signal?.throwIfAborted();
      const deadlineMs = Math.ceil(end - performance.now());
      if (deadlineMs <= 0) throw tooSlow(timeoutMs);
      try {
        return await hive.query(sql, { deadlineMs, maxRows: 10 });
      } catch (thrown) {
        signal?.throwIfAborted();
        const error = asError(thrown);
        if (lost !== undefined) throw lost;
        if (error.code === 'deadline.exceeded') throw tooSlow(timeoutMs);
        // Hive's trouble is no reason to leave other partitions alone.
        throw error.code === 'hive.unavailable'
          ? new LakewardenError('hive.failed', error.message, { cause: error })
          : error;
      }
    });
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', stop);
    await hive.close();
  }
}

function tooSlow(timeoutMs: number): LakewardenError {
  return new LakewardenError('hive.failed', `Hive did not finish within ${Math.round(timeoutMs / 1_000)} s`);
}
