import { afterAll, describe } from '@jest/globals';
import { FolderStore } from '#functions/compliance-scan/state/folder-store.ts';
import { HdfsFolder } from '#functions/compliance-scan/state/hdfs-folder.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { lake } from '../support/lake.ts';
import { promiseStore } from '../support/store-promises.ts';

const root = `/contract/findings-${process.pid}`;
const connect = (): WebHdfs => new WebHdfs({ addresses: [lake().webhdfs], user: 'root' });

afterAll(async () => {
  const hdfs = connect();
  await hdfs.remove(root, { recursive: true });
  hdfs.close();
});

describe('findings in HDFS', () => {
  promiseStore((name) => new FolderStore(new HdfsFolder(connect(), `${root}/${name}`)));
});
