import type { Rewrite } from '../plan-rewrites.ts';

/** Bytes that a rewrite gets through in a second at least, as is assumed; less than what was measured on a busy machine. */
const bytesPerSecond = 16 << 20;
/** The part of the time that a rewrite may take: finding the file and verifying the new one take some, too. */
const share = 0.9;

/** What one run may write anew: bytes in all, and what can be done in the time that is left. */
export class RewriteBudget {
  #bytes: number;
  readonly #timeLeft: () => number;
  readonly #time: number;
  readonly #engineSeconds: number;

  /** `timeLeft` tells the milliseconds that are left; without it there is no hurry. An engine may take `engineSeconds` for each file. */
  constructor(bytes: number, timeLeft: () => number = () => Number.POSITIVE_INFINITY, engineSeconds = 0) {
    this.#bytes = bytes;
    this.#timeLeft = timeLeft;
    this.#time = timeLeft();
    this.#engineSeconds = engineSeconds;
  }

  /** Whether a rewrite can be begun: now, by a later run, or by none, since it takes longer than a run. */
  judge({ file, engine }: Rewrite): 'now' | 'later' | 'never' {
    const needed = (engine === undefined ? file.length / bytesPerSecond : this.#engineSeconds) * 1_000;
    // Less than of the time that is left, so that what one run leaves the next one can begin.
    if (needed > this.#time * share * share) return 'never';
    return needed > this.#timeLeft() * share || this.#bytes <= 0 ? 'later' : 'now';
  }

  /** Counts a rewrite that was begun. */
  spend({ file }: Rewrite): void {
    this.#bytes -= file.length;
  }
}
