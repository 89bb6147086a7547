import { afterAll } from '@jest/globals';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { testWriters } from '../support/writers.ts';

// Hive 4 on Derby fails where it should compare and swap, so runs must take turns.
const own = await startOwnLake(['metastoreDerby']);
const { webhdfs = '', defaultFs = '', metastoreDerby = '' } = own.addresses;
const settings = { metastore: { uris: [metastoreDerby], user: superuser, locks: false } };
testWriters(useSyncLake(settings, { webhdfs, defaultFs, metastore: metastoreDerby }));
afterAll(() => own.stop());
