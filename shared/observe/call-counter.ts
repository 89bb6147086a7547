import { AsyncLocalStorage } from 'node:async_hooks';

/** Counts a client's remote calls, in all and by the work that makes them. */
export class CallCounter {
  /** Calls so far. */
  total = 0;
  readonly #work = new AsyncLocalStorage<{ calls: number }>();

  /** Counts one call. */
  count(): void {
    this.total += 1;
    const work = this.#work.getStore();
    if (work !== undefined) work.calls += 1;
  }

  /** Does work and tells how many calls it made, whatever else goes on meanwhile; calls of work counted within it are not counted again. */
  async during<T>(work: () => Promise<T>): Promise<[result: T, calls: number]> {
    const own = { calls: 0 };
    const result = await this.#work.run(own, work);
    return [result, own.calls];
  }
}
