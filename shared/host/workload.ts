import { LakewardenError } from '#shared/errors/error.ts';

/** Limits of the work in one process, in milliseconds. */
export interface WorkloadLimits {
  readonly deadline: number;
  readonly drain: number;
  /** Time that a job gets to end by itself after its signal was aborted; then it is given up. */
  readonly grace: number;
  readonly concurrency?: number | undefined;
}

/** The jobs in flight: each with a deadline, all of them drained at the end. */
export interface Workload {
  readonly draining: boolean;
  /**
   * Runs a job, and never stays pending for longer than deadline and grace. The deadline is earlier when `until` is, a time in
   * milliseconds since 1970.
   * @throws LakewardenError `draining`, `busy` or `deadline.exceeded`, or whatever the job throws.
   */
  run<T>(job: (signal: AbortSignal, deadline: number) => Promise<T>, until?: number): Promise<T>;
  /** Takes no more jobs, waits for those in flight, aborts them at the limit, and returns after the grace at the latest. */
  drain(): Promise<void>;
}

/** Makes an empty workload. */
export function createWorkload(limits: WorkloadLimits): Workload {
  const jobs = new Set<{ abort(error: LakewardenError): void; ended: Promise<unknown> }>();
  let drained: Promise<void> | undefined;

  async function run<T>(
    job: (signal: AbortSignal, deadline: number) => Promise<T>,
    until: number = Infinity,
  ): Promise<T> {
    if (drained) throw new LakewardenError('draining', 'this process is ending; another one will take the event');
    if (jobs.size >= (limits.concurrency ?? Infinity))
      throw new LakewardenError('busy', `${jobs.size} calls are in flight, which is the limit`);
    const started = Date.now();
    const time = Math.max(0, Math.min(limits.deadline, until - started));
    const controller = new AbortController();
    const { signal } = controller;
    const givenUp = Promise.withResolvers<never>();
    let grace: NodeJS.Timeout | undefined;
    const abort = (error: LakewardenError): void => {
      if (signal.aborted) return;
      controller.abort(error);
      grace = setTimeout(() => givenUp.reject(error), limits.grace);
    };
    const timer = setTimeout(
      () => abort(new LakewardenError('deadline.exceeded', `the call took longer than ${time} ms`)),
      time,
    );
    // The job starts inside a promise, so that even what it throws at once is a rejection.
    const working = Promise.resolve().then(() => job(signal, started + time));
    const ended = Promise.race([working, givenUp.promise]);
    const entry = { abort, ended };
    jobs.add(entry);
    try {
      return await ended;
    } catch (error) {
      // A job that was aborted ends with whatever its clients throw then; the reason says more.
      throw signal.aborted ? (signal.reason as LakewardenError) : error;
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
      jobs.delete(entry);
    }
  }

  async function drainAll(): Promise<void> {
    const limit = setTimeout(() => {
      const error = new LakewardenError('draining', 'this process ended before the call did');
      for (const job of jobs) job.abort(error);
    }, limits.drain);
    await Promise.allSettled([...jobs].map((job) => job.ended));
    clearTimeout(limit);
  }

  return {
    get draining() {
      return drained !== undefined;
    },
    run,
    drain: () => (drained ??= drainAll()),
  };
}
