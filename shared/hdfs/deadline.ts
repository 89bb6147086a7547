/** A limit in time that can be moved while the work goes on; its signal stops the work. */
export class Deadline {
  /** Fires when the time is up or when the caller's own signal fires. */
  readonly signal: AbortSignal;
  readonly #timeUp = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** Starts at once, `milliseconds` from now. */
  constructor(milliseconds: number, outer: readonly (AbortSignal | undefined)[] = []) {
    const { signal } = this.#timeUp;
    const others = outer.filter((other) => other !== undefined);
    this.signal = others.length === 0 ? signal : AbortSignal.any([signal, ...others]);
    this.extend(milliseconds);
  }

  /** True when it was the time that ran out, not the caller's signal. */
  get timeUp(): boolean {
    return this.#timeUp.signal.aborted;
  }

  /** Moves the limit to `milliseconds` from now. */
  extend(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#timeUp.abort(), milliseconds);
  }

  /** Stops the clock; the caller's own signal still counts. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
