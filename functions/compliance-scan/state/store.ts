import { changeState, emptyState, type ScopeChange, type ScopeState } from './scope-state.ts';

/** Where findings are kept from run to run. Several runs may use it at once. */
export interface StateStore {
  /** The listings of which something is kept. */
  scopes(signal: AbortSignal): Promise<readonly KnownScope[]>;
  load(scope: KnownScope, signal: AbortSignal): Promise<Stored>;
  /**
   * Writes a change on top of exactly what was loaded, all of it or nothing, and answers what is stored then; undefined when
   * somebody else was quicker and nothing was written.
   */
  commit(stored: Stored, change: ScopeChange, signal: AbortSignal): Promise<Stored | undefined>;
  close(): Promise<void>;
}

/** A listing, as stores know it. */
export interface KnownScope {
  readonly scope: string;
  readonly kind: string;
}

/** The state of a listing as a store gave it. */
export interface Stored {
  readonly state: ScopeState;
  /** What the store knows it by; it differs when anything was written in between. */
  readonly token: string;
}

/** Keeps findings as long as the process lives: for scans that compare with nothing. */
export class MemoryStore implements StateStore {
  readonly #states = new Map<string, Stored>();

  scopes(): Promise<readonly KnownScope[]> {
    return Promise.resolve([...this.#states.values()].map(({ state: { scope, kind } }) => ({ scope, kind })));
  }

  load({ scope, kind }: KnownScope): Promise<Stored> {
    return Promise.resolve(this.#states.get(scope) ?? { state: emptyState(scope, kind), token: '0' });
  }

  commit({ state, token }: Stored, change: ScopeChange): Promise<Stored | undefined> {
    if ((this.#states.get(state.scope)?.token ?? '0') !== token) return Promise.resolve(undefined);
    const next = { state: changeState(state, change), token: String(Number(token) + 1) };
    this.#states.set(state.scope, next);
    return Promise.resolve(next);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
