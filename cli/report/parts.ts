import { asError } from '#shared/errors/error.ts';
import { scrub } from '#shared/observe/scrub.ts';
import type { Cost, Part } from './lake-report.ts';

/** What the work of a part may use. */
export interface PartTools {
  /** Aborted when the time for all parts is over. */
  readonly signal: AbortSignal;
  /** False when nothing further should be begun. */
  readonly hasTime: () => boolean;
  /** Names a system whose calls the part makes, and how many it made so far. */
  readonly count: (system: string, calls: () => number) => void;
}

/** Reads parts one by one, and measures what each costs. A part that fails is unknown; the others go on. */
export class Parts {
  readonly costs: Cost[] = [];
  readonly #end: number;
  readonly #onPart: ((part: string) => void) | undefined;

  /** `end` by the clock of `performance.now()`. */
  constructor({ end, onPart }: { readonly end: number; readonly onPart: ((part: string) => void) | undefined }) {
    this.#end = end;
    this.#onPart = onPart;
  }

  /** Does the work of a part with what it needs; without that, the part is unset for the reason. */
  async read<Needs, Facts>(
    part: string,
    needs: Needs | undefined,
    reason: string,
    work: (needs: Needs, tools: PartTools) => Promise<Facts>,
  ): Promise<Part<Facts>> {
    if (needs === undefined) return { state: 'unset', reason };
    this.#onPart?.(part);
    const started = performance.now();
    const counters: { readonly system: string; readonly calls: () => number; readonly before: number }[] = [];
    const left = Math.max(1, this.#end - started);
    try {
      const facts = await work(needs, {
        signal: AbortSignal.timeout(Math.ceil(left)),
        hasTime: () => performance.now() < this.#end,
        count: (system, calls) => void counters.push({ system, calls, before: calls() }),
      });
      return { state: 'read', facts };
    } catch (thrown) {
      if (performance.now() >= this.#end) return { state: 'unknown', reason: 'the time was over' };
      const error = asError(thrown);
      return { state: 'unknown', reason: `${error.code}: ${scrub(error.message)}` };
    } finally {
      const calls = counters.map(({ system, calls: now, before }) => [system, now() - before] as const);
      const made = Object.fromEntries(calls.filter(([, number]) => number > 0));
      this.costs.push({ part, seconds: (performance.now() - started) / 1_000, calls: made });
    }
  }
}
