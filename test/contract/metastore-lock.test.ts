import { lake } from '../support/lake.ts';
import { testLocks } from '../support/locks.ts';

testLocks(lake().metastore);
