import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '#shared/errors/error.ts';

/** What a turn gave, for one of those who asked for it. */
export interface Share<Outcome> {
  readonly outcome: Outcome;
  /** How many asked for this turn. */
  readonly requests: number;
  /** True for exactly one of them: who tells others about the turn. */
  readonly first: boolean;
}

/** How turns are taken. */
export interface TurnsOptions {
  /** Most that may wait, by the sum of their weights; no limit when left out. */
  readonly mostWaiting?: number | undefined;
  /**
   * Longest pause between turns that follow one another, in milliseconds; none when left out. The first turn begins at
   * once, each further one after half the time that the burst has lasted.
   */
  readonly longestPauseMs?: number;
}

interface Asker<Ask, Outcome> {
  readonly ask: Ask;
  readonly weight: number;
  readonly resolve: (share: Share<Outcome>) => void;
  readonly reject: (reason: unknown) => void;
}

interface Turn<Ask, Outcome> {
  readonly askers: Set<Asker<Ask, Outcome>>;
  readonly controller: AbortController;
}

interface Lane<Ask, Outcome> {
  next: Turn<Ask, Outcome> | undefined;
}

/**
 * Lets requests take turns: of one name, one turn is under way at a time, and who asks meanwhile shares the next one. So
 * everybody is answered by a turn that began after the question, and a burst of questions costs few turns.
 */
export class Turns<Ask, Outcome> {
  readonly #work: (asks: readonly [Ask, ...Ask[]], signal: AbortSignal) => Promise<Outcome>;
  readonly #mostWaiting: number;
  readonly #longestPauseMs: number;
  readonly #lanes = new Map<string, Lane<Ask, Outcome>>();
  /** What waits for a turn now, by the sum of the weights. */
  waiting = 0;

  /** `work` is done once for all who share a turn. */
  constructor(
    work: (asks: readonly [Ask, ...Ask[]], signal: AbortSignal) => Promise<Outcome>,
    { mostWaiting = Infinity, longestPauseMs = 0 }: TurnsOptions = {},
  ) {
    this.#work = work;
    this.#mostWaiting = mostWaiting;
    this.#longestPauseMs = longestPauseMs;
  }

  /** True when who asks under this name now has to wait. */
  isBusy(name: string): boolean {
    return this.#lanes.has(name);
  }

  /**
   * Asks for a turn under a name. Who gives up is let go at once, and the turn goes on for the others; the last one waits
   * until the turn, which is aborted then, has ended.
   * @throws busy when too many wait already; the signal's reason; what the turn failed by
   */
  async take(name: string, ask: Ask, signal?: AbortSignal, weight = 1): Promise<Share<Outcome>> {
    signal?.throwIfAborted();
    const lane = this.#lanes.get(name);
    // Alone, even the heaviest is taken: it would be too heavy the next time, too.
    if (lane !== undefined && this.waiting > 0 && this.waiting + weight > this.#mostWaiting)
      throw new LakewardenError('busy', `${this.waiting} paths wait for their tables' turns, which is the limit`);
    const { promise, resolve, reject } = Promise.withResolvers<Share<Outcome>>();
    const asker = { ask, weight, resolve, reject };
    const turn = lane?.next ?? { askers: new Set(), controller: new AbortController() };
    turn.askers.add(asker);
    this.waiting += weight;
    const giveUp = (): void => this.#leave(name, turn, asker, signal?.reason);
    signal?.addEventListener('abort', giveUp);
    if (lane === undefined) void this.#serve(name, turn);
    else lane.next = turn;
    return await promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  #leave(name: string, turn: Turn<Ask, Outcome>, asker: Asker<Ask, Outcome>, reason: unknown): void {
    const lane = this.#lanes.get(name);
    const waits = lane?.next === turn;
    if (!waits && turn.askers.size === 1) return turn.controller.abort(reason);
    turn.askers.delete(asker);
    if (waits) this.waiting -= asker.weight;
    if (waits && turn.askers.size === 0) lane.next = undefined;
    asker.reject(reason);
  }

  /** Performs a turn, and those that are asked for meanwhile. */
  async #serve(name: string, turn: Turn<Ask, Outcome>): Promise<void> {
    const lane: Lane<Ask, Outcome> = { next: turn };
    this.#lanes.set(name, lane);
    const began = performance.now();
    for (let next = lane.next; next !== undefined; next = lane.next) {
      lane.next = undefined;
      for (const { weight } of next.askers) this.waiting -= weight;
      await this.#perform(next);
      // The longer a burst lasts, the more of it each further turn gathers.
      const pause = Math.min((performance.now() - began) / 2, this.#longestPauseMs);
      if (lane.next !== undefined && pause > 0) await sleep(pause);
    }
    this.#lanes.delete(name);
  }

  async #perform({ askers, controller }: Turn<Ask, Outcome>): Promise<void> {
    const asks = [...askers].map(({ ask }) => ask) as [Ask, ...Ask[]];
    try {
      const outcome = await this.#work(asks, controller.signal);
      let first = true;
      for (const { resolve } of askers) {
        resolve({ outcome, requests: asks.length, first });
        first = false;
      }
    } catch (error) {
      for (const { reject } of askers) reject(error);
    }
  }
}
