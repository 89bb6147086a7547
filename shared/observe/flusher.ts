/** How long a flush is waited for, and what is told of it. */
export interface FlusherOptions {
  /** Sends everything; throws when that failed. */
  readonly send: () => Promise<void>;
  /** Milliseconds that a flush is waited for at most. */
  readonly waitMs: number;
  /** Milliseconds after a failure during which nobody waits for a flush. */
  readonly restMs: number;
  /** Told of each failure with the number of failures in a row. */
  readonly onFailure: (error: unknown, failures: number) => void;
  /** Told of the first success after so many failures. */
  readonly onRecovery: (failures: number) => void;
}

/** Sends what was recorded, one send at a time. */
export interface Flusher {
  /**
   * Returns when all that was recorded before the call was sent, or was waited for long enough; never throws. Calls that come
   * while a send is under way share the next one. With `until`, a time in milliseconds since 1970, it returns by then.
   */
  flush(until?: number): Promise<void>;
}

/** Makes a flusher. A receiver that is down costs one wait in each `restMs`. */
export function createFlusher({ send, waitMs, restMs, onFailure, onRecovery }: FlusherOptions): Flusher {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let failures = 0;
  let restUntil = 0;

  const fail = (error: unknown): void => {
    failures += 1;
    restUntil = performance.now() + restMs;
    onFailure(error, failures);
  };

  const sendOnce = async (): Promise<void> => {
    try {
      await send();
      if (failures > 0) onRecovery(failures);
      failures = 0;
      restUntil = 0;
    } catch (error) {
      fail(error);
    }
  };

  const begin = (): Promise<void> => {
    const own = sendOnce().finally(() => {
      if (running === own) running = undefined;
    });
    running = own;
    return own;
  };

  /** A send under way may have read the numbers before they were recorded, so another one follows it. */
  const share = (current: Promise<void>): Promise<void> => {
    next ??= current.then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };

  return {
    async flush(until = Infinity) {
      const sent = running === undefined ? begin() : share(running);
      if (performance.now() < restUntil) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(
          () => {
            restUntil = performance.now() + restMs;
            resolve();
          },
          Math.min(waitMs, Math.max(0, until - Date.now())),
        );
      });
      await Promise.race([sent, late]);
      clearTimeout(timer);
    },
  };
}
