import { afterAll, expect, test } from '@jest/globals';
import { openHdfs } from '#functions/compliance-scan/inventory/hdfs/open-hdfs.ts';
import { hdfsSettings } from '#functions/compliance-scan/inventory/hdfs/settings.ts';
import { hdfsRules } from '#functions/compliance-scan/rules/hdfs/hdfs-rules.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { scan, statuses } from '../support/scans.ts';

const encryptedFolders = ['/golden/clicks', '/golden/orders/2019/02'];
const lake = await startOwnLake(['hdfs'], () => {}, { encryptedFolders });
const { webhdfs = '', defaultFs = '' } = lake.addresses;
const hdfs = new WebHdfs({ addresses: [webhdfs], user: superuser });
const source = openHdfs(
  hdfsSettings.parse({
    connection: { addresses: [webhdfs], defaultFs, user: superuser },
    roots: [{ name: 'golden', path: '/golden', depth: 4 }],
  }),
);
afterAll(async () => {
  hdfs.close();
  await source.close();
  await lake.stop();
});

test('data outside an encryption zone is found at each level, and not told for each partition', async () => {
  for (const path of ['clicks/2019/01/01', 'orders/2019/01/01', 'orders/2019/02/01', 'plain/2019/01/01'])
    await hdfs.create(`/golden/${path}/data.parquet`, Buffer.from('x'));
  const { verdicts, incomplete } = await scan([source], hdfsRules, AbortSignal.timeout(60_000));
  expect(incomplete).toEqual([]);
  const zones = statuses(verdicts, 'hdfs-in-encryption-zone', '/golden');
  expect(zones).toMatchObject({
    '/clicks': 'pass',
    '/clicks/2019/01/01': 'pass',
    // Some topics are zones, and some are not.
    '': 'fail high',
    '/plain': 'fail high',
    '/orders': 'fail high',
    // One month of this topic is in a zone, and the one before it was forgotten.
    '/orders/2019': 'fail high',
    '/orders/2019/02': 'pass',
    '/orders/2019/02/01': 'pass',
  });
  expect(zones).not.toHaveProperty(['/plain/2019']);
  const mixed = verdicts.find(
    ({ rule, resource }) => rule === 'hdfs-in-encryption-zone' && resource.name === '/golden/orders/2019',
  );
  expect(mixed?.evidence).toMatchObject({ folders: 2, plainFolders: 1, such: ['01'] });
  const key = verdicts.find(({ rule }) => rule === 'hdfs-has-key-provider');
  expect(key).toMatchObject({ status: 'fail', severity: 'medium', reason: 'lake keeps its keys in a file' });
});
