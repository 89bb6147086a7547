import type { ValueOrder } from './value-order.ts';

/** A value that none is below, or none above. */
export interface Bound {
  readonly bytes: Uint8Array;
  /** True when it is a value itself, false when it may be none, undefined when nobody said. */
  readonly exact: boolean | undefined;
}

/** Bounds of the values of some rows. */
export interface Bounds {
  readonly min: Bound;
  readonly max: Bound;
}

/** The bounds as the file has them, when they can be bounds; undefined otherwise. */
export function readBounds(order: ValueOrder | undefined, min: Bound, max: Bound): Bounds | undefined {
  if (order === undefined || !order.isValue(min.bytes) || !order.isValue(max.bytes)) return undefined;
  return order.compare(min.bytes, max.bytes) > 0 ? undefined : { min, max };
}

/** The bounds of the values of several parts. Of a part with values and without bounds on, nothing is known any more. */
export class BoundsUnion {
  readonly #order: ValueOrder | undefined;
  #bounds: Bounds | undefined;
  #known = true;

  constructor(order: ValueOrder | undefined) {
    this.#order = order;
  }

  /** Adds a part that has values. */
  add(part: Bounds | undefined): void {
    if (!this.#known) return;
    if (part === undefined || this.#order === undefined) this.#known = false;
    else if (this.#bounds === undefined) this.#bounds = part;
    else {
      const { compare } = this.#order;
      const { min, max } = this.#bounds;
      const below = compare(part.min.bytes, min.bytes);
      const above = compare(part.max.bytes, max.bytes);
      if (
        below < 0 ||
        (below === 0 && part.min.exact === true) ||
        above > 0 ||
        (above === 0 && part.max.exact === true)
      )
        this.#bounds = {
          min: below < 0 || (below === 0 && part.min.exact === true) ? part.min : min,
          max: above > 0 || (above === 0 && part.max.exact === true) ? part.max : max,
        };
    }
  }

  /** The bounds of all parts; undefined when one is not known, and when there was no value. */
  get bounds(): Bounds | undefined {
    if (!this.#known || this.#bounds === undefined) return undefined;
    const { min, max } = this.#bounds;
    const zeros = this.#order?.zeros;
    if (zeros === undefined) return this.#bounds;
    return { min: this.#widen(min, zeros.low), max: this.#widen(max, zeros.high) };
  }

  #widen(bound: Bound, zero: Uint8Array): Bound {
    return this.#order?.compare(bound.bytes, zero) === 0 ? { bytes: zero, exact: undefined } : bound;
  }
}
