import { asError, LakewardenError } from '#shared/errors/error.ts';
import { toJson } from '#shared/events/json.ts';
import { post } from '#shared/events/post.ts';
import type { RunEvent } from './run-event.ts';

/** Where lineage is told. */
export interface LineageOptions {
  /** The address that takes RunEvents, such as `http://marquez:5000/api/v1/lineage`. */
  readonly url: string;
  /** The bearer token, asked for at each call, since tokens are renewed. */
  readonly token?: (() => string) | undefined;
  /** Milliseconds that one call may take, and that the end of a run may wait for what is not told yet. */
  readonly deadlineMs: number;
}

/** What became of the RunEvents of one run. */
export interface LineageOutcome {
  readonly delivered: number;
  readonly lost: number;
  /** Why the first one was lost. */
  readonly reason?: LakewardenError;
}

/** RunEvents that wait; more are lost. */
const longestQueue = 10_000;

/** Tells what one run does, in order, beside its work: a catalogue of lineage that is slow or away fails nothing. */
export class LineageTeller {
  readonly #options: LineageOptions;
  readonly #waiting: RunEvent[] = [];
  readonly #ended = new AbortController();
  #working: Promise<void> | undefined;
  #delivered = 0;
  #lost = 0;
  #reason: LakewardenError | undefined;

  constructor(options: LineageOptions) {
    this.#options = options;
  }

  /** Takes events and returns at once. */
  tell(events: readonly RunEvent[]): void {
    const room = Math.max(longestQueue - this.#waiting.length, 0);
    this.#waiting.push(...events.slice(0, room));
    this.#lost += Math.max(events.length - room, 0);
    this.#working ??= this.#work();
  }

  /** Waits for what is not told yet, no longer than the deadline or the signal; never throws. */
  async settle(signal?: AbortSignal): Promise<LineageOutcome> {
    const late = new LakewardenError('sink.unavailable', 'the lineage endpoint did not take everything in time');
    const end = (): void => this.#ended.abort(late);
    const timer = setTimeout(end, this.#options.deadlineMs);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted === true) end();
    await this.#working;
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    const lost = this.#lost + this.#waiting.splice(0).length;
    return { delivered: this.#delivered, lost, ...(this.#reason === undefined ? {} : { reason: this.#reason }) };
  }

  async #work(): Promise<void> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      try {
        await this.#post(event);
        this.#delivered += 1;
      } catch (error) {
        this.#lost += 1;
        this.#reason ??= asError(error);
        if (this.#ended.signal.aborted) break;
      }
    }
    this.#working = undefined;
  }

  async #post(event: RunEvent): Promise<void> {
    const { url, token, deadlineMs: timeout } = this.#options;
    const headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token()}` }),
    };
    const request = { to: 'the lineage endpoint', url, headers, body: toJson(event) };
    await post(request, { attempts: 2, timeout }, this.#ended.signal);
  }
}
