import { AsyncLocalStorage } from 'node:async_hooks';
import { traceCall } from './trace.ts';

/** Counts a client's remote calls, in all and by the work that makes them. */
export class CallCounter {
  /** Calls so far. */
  total = 0;
  readonly #work = new AsyncLocalStorage<{ calls: number }>();

  /** Told of each call when it begins; what this gives back is told of the result. By itself it traces calls. */
  observe: (operation: string) => (result: string) => void;

  /** `system` is who is called, in a word. */
  constructor(system: string) {
    this.observe = (operation) => traceCall(system, operation);
  }

  /** Counts one call; the returned function is to be told `ok`, or in a word what went wrong. */
  count(operation: string): (result: string) => void {
    this.total += 1;
    const work = this.#work.getStore();
    if (work !== undefined) work.calls += 1;
    return this.observe(operation);
  }

  /** Does work and tells how many calls it made, whatever else goes on meanwhile; calls of work counted within it are not counted again. */
  async during<T>(work: () => Promise<T>): Promise<[result: T, calls: number]> {
    const own = { calls: 0 };
    const result = await this.#work.run(own, work);
    return [result, own.calls];
  }
}
