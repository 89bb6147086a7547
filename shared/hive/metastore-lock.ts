import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isError, LakewardenError } from '../errors/error.ts';
import {
  exclusive,
  lockStates,
  tableLevel,
  type LockRequest,
  type LockResponse,
  type ShowLocksResponse,
} from './lock-structs.ts';
import type { Value } from './thrift/types.ts';

/**
 * What keeps a table from being altered twice at once. `swap`: an alter's `expected` is enforced (Hive 4). `lock`: it is
 * ignored, but `exclusively` works. `none`: neither does (Derby, where locks deadlock).
 */
export type Guard = 'swap' | 'lock' | 'none';

/** The calls that a lock is made of. */
export interface LockCalls {
  readonly lock: (request: Value<typeof LockRequest>) => Promise<Value<typeof LockResponse>>;
  readonly check: (lockid: bigint) => Promise<Value<typeof LockResponse>>;
  readonly heartbeat: (lockid: bigint) => Promise<void>;
  readonly show: (dbname: string, tablename: string) => Promise<Value<typeof ShowLocksResponse>>;
  readonly unlock: (lockid: bigint) => Promise<void>;
}

/** What work is told that holds a lock. */
export interface Held {
  /** Aborts when the lock was lost, with metastore.modified. */
  readonly lost: AbortSignal;
  /** True when somebody else held it when it was asked for. */
  readonly waited: boolean;
}

/** How a lock is held. */
export interface LockOptions {
  /** The user who holds it. */
  readonly user: string;
  /** Longest wait for others, in milliseconds. */
  readonly waitMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between the signs of life of a holder, and between the looks for them; 5,000 when left out. */
  readonly beatMs?: number;
}

// A database that does not exist: Hive's own locks are on real ones, so neither waits for the other.
const space = 'lakewarden.locks';
const longestPauseMs = 250;
const defaultBeatMs = 5_000;
/** Who gave no sign of life in so many looks one after the other is dead; a holder that cannot give one stops before. */
const silentLooks = 6;
const silentBeats = 4;

/** This process, and the locks that it holds or asks for. */
const self = `lakewarden ${randomUUID()}`;
const own = new Set<string>();

/**
 * Does work while nobody else holds the lock of this name, and waits for it if need be. The holder gives signs of life.
 * Who gives none is overtaken by those who wait: a server gives up dead locks after `metastore.txn.timeout` only, and only
 * where its AcidHouseKeeperService runs.
 * @throws deadline.exceeded when others held it all the time; the signal's reason
 */
export async function holdLock<T>(
  calls: LockCalls,
  name: string,
  options: LockOptions,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const agentInfo = `${self} ${randomUUID()}`;
  own.add(agentInfo);
  try {
    const component = [{ type: exclusive, level: tableLevel, dbname: space, tablename: name }];
    const { lockid, state } = await calls.lock({
      component,
      user: options.user,
      hostname: 'lakewarden',
      agentInfo,
    });
    try {
      await acquire(calls, name, { lockid, state }, options);
      const waited = state === lockStates.waiting;
      return await keepAlive(calls, name, lockid, options, (lost) => work({ lost, waited }));
    } finally {
      // What became of the work matters more; a lock that stays behind is overtaken.
      await calls.unlock(lockid).catch(() => {});
    }
  } finally {
    own.delete(agentInfo);
  }
}

async function acquire(
  calls: LockCalls,
  name: string,
  asked: Pick<Value<typeof LockResponse>, 'lockid' | 'state'>,
  { waitMs, signal, beatMs = defaultBeatMs }: LockOptions,
): Promise<void> {
  const end = performance.now() + waitMs;
  const others = new Watch(calls, name, asked.lockid);
  let { state } = asked;
  let nextLook = performance.now() + Math.min(longestPauseMs, beatMs);
  for (let pause = 10; state === lockStates.waiting; pause = Math.min(pause * 2, longestPauseMs)) {
    if (performance.now() + pause > end)
      throw new LakewardenError('deadline.exceeded', `another run held the lock of ${name} for too long`);
    await sleep(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    if (performance.now() > nextLook) {
      await others.look();
      nextLook = performance.now() + beatMs;
    }
    ({ state } = await calls.check(asked.lockid));
  }
  if (state !== lockStates.acquired)
    throw new LakewardenError('metastore.unavailable', `the metastore gave no lock of ${name}: state ${state}`);
}

/** Looks who stands before us, and takes away the locks of the dead. */
class Watch {
  readonly #calls: LockCalls;
  readonly #name: string;
  readonly #lockid: bigint;
  readonly #seen = new Map<bigint, { heartbeat: bigint; looks: number }>();

  constructor(calls: LockCalls, name: string, lockid: bigint) {
    this.#calls = calls;
    this.#name = name;
    this.#lockid = lockid;
  }

  async look(): Promise<void> {
    const { locks } = await this.#calls.show(space, this.#name);
    for (const { lockid, lastheartbeat, agentInfo = '' } of locks) {
      if (lockid >= this.#lockid) continue;
      const seen = this.#seen.get(lockid);
      // No clock is asked: the sign of life has to change.
      const looks = seen?.heartbeat === lastheartbeat ? seen.looks + 1 : 1;
      this.#seen.set(lockid, { heartbeat: lastheartbeat, looks });
      const isLeft = agentInfo.startsWith(self) && !own.has(agentInfo);
      if (isLeft || looks > silentLooks) await this.#calls.unlock(lockid).catch(() => {});
    }
  }
}

/** Does work and gives signs of life meanwhile. */
async function keepAlive<T>(
  calls: LockCalls,
  name: string,
  lockid: bigint,
  { beatMs = defaultBeatMs }: LockOptions,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  let alive = performance.now();
  const beat = async (): Promise<void> => {
    const began = performance.now();
    if (began - alive > silentBeats * beatMs) lost.abort(lostLock(name));
    try {
      await calls.heartbeat(lockid);
      alive = Math.max(alive, began);
    } catch (error) {
      // One may fail; what counts is that one of several comes through.
      if (isError(error, 'metastore.not_found')) lost.abort(lostLock(name, error));
    }
  };
  const timer = setInterval(() => void beat(), beatMs);
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
}

function lostLock(name: string, cause?: unknown): LakewardenError {
  const message = `the lock of ${name} was lost: another run may be at work on it`;
  return new LakewardenError('metastore.modified', message, { cause });
}
