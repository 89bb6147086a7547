import { testWriters } from '../support/writers.ts';
import { useSyncLake } from '../support/sync-lake.ts';

testWriters(useSyncLake());
