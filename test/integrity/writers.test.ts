import { testRivals } from '../support/rivals.ts';
import { testWriters } from '../support/writers.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
testWriters(lake);
testRivals(lake);
testRivals(useSyncLake({ statistics: 'columns' }));
