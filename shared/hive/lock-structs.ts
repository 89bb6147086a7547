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

/** LockType.EXCLUSIVE */
export const exclusive = 3;
/** LockLevel.TABLE */
export const tableLevel = 2;
/** LockState */
export const lockStates = { acquired: 1, waiting: 2 } as const;
