import { asError, isError } from '../errors/error.ts';
import { KafkaLog } from './kafka-log.ts';
import type { KafkaOptions } from './options.ts';

/** Brokers that did not answer are left alone for so long, so that they do not delay each topic of a run. */
const pauseMs = 30_000;

/** A Kafka cluster whose logs can be asked; nothing is loaded or connected before that. */
export class Kafka {
  readonly #options: KafkaOptions;
  #trouble: { readonly error: unknown; readonly until: number } | undefined;
  /** Requests made so far. */
  calls = 0;

  constructor(options: KafkaOptions) {
    this.#options = options;
  }

  /** Asks over connections of its own, which are closed after it. @throws as the methods of KafkaLog do */
  async ask<Result>(work: (log: KafkaLog) => Promise<Result>): Promise<Result> {
    if (this.#trouble !== undefined && performance.now() < this.#trouble.until) throw this.#trouble.error;
    const log = new KafkaLog(this.#options);
    try {
      const result = await work(log);
      this.#trouble = undefined;
      return result;
    } catch (thrown) {
      const error = asError(thrown);
      if (isError(error, 'kafka.unavailable', 'kafka.unauthenticated'))
        this.#trouble = { error, until: performance.now() + pauseMs };
      throw error;
    } finally {
      this.calls += log.calls;
      await log.close();
    }
  }
}
