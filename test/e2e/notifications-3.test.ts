import { afterAll } from '@jest/globals';
import { startOwnLake } from '../support/own-lake.ts';
import { testNotifications } from '../support/notifications.ts';
import { useSyncLake } from '../support/sync-lake.ts';

// Hive's own listener.
const own = await startOwnLake(['metastore31'], undefined, {
  metastoreSettings: {
    'metastore.transactional.event.listeners': 'org.apache.hive.hcatalog.listener.DbNotificationListener',
  },
});
const { webhdfs = '', defaultFs = '', metastore31 = '' } = own.addresses;
const lake = useSyncLake(
  {
    vanished: 'drop',
    maxDropShare: 1,
    statistics: 'columns',
    notifications: { cursor: '/cursor' },
    topics: { adopted: { adopt: true } },
  },
  { webhdfs, defaultFs, metastore: metastore31 },
);
afterAll(() => own.stop());

testNotifications(lake);
