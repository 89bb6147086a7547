/**
 * Decides when to ask for a sweep after changes that only a sweep can judge: at once, and then not again for a while. What comes
 * in between is asked for with the next change, or seen by the next sweep.
 */
export class FollowUp {
  readonly #pauseMs: number;
  readonly #waiting = new Set<string>();
  #next = 0;

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** The rules to sweep for now, of these and of earlier ones; none when it is too early. `now` in milliseconds since 1970. */
  add(rules: readonly string[], now: number): readonly string[] {
    for (const rule of rules) this.#waiting.add(rule);
    if (this.#waiting.size === 0 || now < this.#next) return [];
    this.#next = now + this.#pauseMs;
    const due = [...this.#waiting].toSorted();
    this.#waiting.clear();
    return due;
  }
}
