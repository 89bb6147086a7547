import type { ReplayTools } from './replay-tools.ts';

/** Keeps to a number of records per second. */
export class Pace {
  readonly #rate: number | undefined;
  readonly #clock: Pick<ReplayTools, 'now' | 'wait'>;
  /** When the next record may be written, in milliseconds. */
  #free: number;

  constructor(rate: number | undefined, clock: Pick<ReplayTools, 'now' | 'wait'>) {
    this.#rate = rate;
    this.#clock = clock;
    this.#free = clock.now();
  }

  /** How many records may go at once: those of a second. */
  most(wanted: number): number {
    return this.#rate === undefined ? wanted : Math.max(1, Math.min(wanted, Math.floor(this.#rate)));
  }

  /** Waits until so many records may be written. */
  async wait(records: number): Promise<void> {
    if (this.#rate === undefined) return;
    const now = this.#clock.now();
    if (now < this.#free) await this.#clock.wait(this.#free - now);
    this.#free = Math.max(now, this.#free) + (records * 1_000) / this.#rate;
  }
}
