import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '../errors/error.ts';
import { exclusive, lockStates, tableLevel, type LockRequest, type LockResponse } from './lock-structs.ts';
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
  readonly unlock: (lockid: bigint) => Promise<void>;
}

// A database that does not exist: Hive's own locks are on real ones, so neither waits for the other.
const space = 'lakewarden.locks';
const longestPauseMs = 500;

/**
 * Does work while nobody else holds the lock of this name; waits for it at most `waitMs`. When we die the server gives
 * the lock up after its `metastore.txn.timeout`. Throws deadline.exceeded when somebody else held it all the time.
 */
export async function holdLock<T>(
  calls: LockCalls,
  name: string,
  user: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const end = performance.now() + waitMs;
  const component = [{ type: exclusive, level: tableLevel, dbname: space, tablename: name }];
  let { lockid, state } = await calls.lock({ component, user, hostname: 'lakewarden', agentInfo: 'lakewarden' });
  try {
    for (let pause = 10; state === lockStates.waiting; pause = Math.min(pause * 2, longestPauseMs)) {
      if (performance.now() + pause > end) {
        throw new LakewardenError('deadline.exceeded', `another run held the lock of ${name} for too long`);
      }
      await sleep(pause);
      ({ state } = await calls.check(lockid));
    }
    if (state !== lockStates.acquired) {
      throw new LakewardenError('metastore.unavailable', `the metastore gave no lock of ${name}: state ${state}`);
    }
    return await work();
  } finally {
    // What became of the work matters more; a lock that stays behind is given up by the server in time.
    await calls.unlock(lockid).catch(() => {});
  }
}
