import type { Status, Verdict } from '../model/verdict.ts';

/** How often which rule judged how. */
export class RuleCounts {
  readonly #counts = new Map<string, Record<Status, number>>();

  add({ rule, status }: Pick<Verdict, 'rule' | 'status'>): void {
    this.of(rule)[status] += 1;
  }

  of(rule: string): Record<Status, number> {
    const known = this.#counts.get(rule);
    if (known !== undefined) return known;
    const fresh = { pass: 0, fail: 0, error: 0, unknown: 0 };
    this.#counts.set(rule, fresh);
    return fresh;
  }
}
