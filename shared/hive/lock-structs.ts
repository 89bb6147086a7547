import { list, struct } from './thrift/types.ts';

// Structs of hive_metastore.thrift around locks, with the fields that we use.

const LockComponent = struct('LockComponent', {
  type: [1, 'i32', 'required'],
  level: [2, 'i32', 'required'],
  dbname: [3, 'string', 'required'],
  tablename: [4, 'string'],
});

/** What is to be locked, and for whom. */
export const LockRequest = struct('LockRequest', {
  component: [1, list(LockComponent), 'required'],
  user: [3, 'string', 'required'],
  hostname: [4, 'string', 'required'],
  agentInfo: [5, 'string'],
});

/** A lock that was asked for, held or still waited for. */
export const LockResponse = struct('LockResponse', {
  lockid: [1, 'i64', 'required'],
  state: [2, 'i32', 'required'],
});

/** The argument of the calls about one lock (CheckLockRequest, UnlockRequest). */
export const LockReference = struct('LockReference', { lockid: [1, 'i64', 'required'] });

/** The argument of a sign of life, for a lock without a transaction. */
export const HeartbeatRequest = struct('HeartbeatRequest', { lockid: [1, 'i64'] });

/** Which locks are asked for. */
export const ShowLocksRequest = struct('ShowLocksRequest', { dbname: [1, 'string'], tablename: [2, 'string'] });

const ShowLocksResponseElement = struct('ShowLocksResponseElement', {
  lockid: [1, 'i64', 'required'],
  lastheartbeat: [8, 'i64', 'required'],
  agentInfo: [13, 'string'],
});

/** The locks that there are, held or waited for. */
export const ShowLocksResponse = struct('ShowLocksResponse', {
  locks: [1, list(ShowLocksResponseElement), 'required'],
});

/** LockType.EXCLUSIVE */
export const exclusive = 3;
/** LockLevel.TABLE */
export const tableLevel = 2;
/** LockState */
export const lockStates = { acquired: 1, waiting: 2 } as const;
