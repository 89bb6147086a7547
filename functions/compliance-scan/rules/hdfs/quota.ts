import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { folder } from './examples.ts';

const root = { depth: 0 };

/** No root can fill the file system. */
export const quota = defineRule<HdfsFolderBody>({
  id: 'hdfs-root-has-quota',
  version: 1,
  title: 'Each root has a limit of names and of bytes',
  why: 'Without limits one program that writes in a loop fills the disks or the memory of the NameNode, and everything stops.',
  area: 'durability',
  severity: 'low',
  kinds: [hdfsKinds.folder],
  remedy: 'hdfs dfsadmin -setQuota and -setSpaceQuota on the root.',
  triggers: ['hdfs/quota'],
  judge({ name, body: { depth, quota: limits } }) {
    if (depth > 0) return [];
    if (limits === undefined) return unknown(`the quota of ${name} could not be read`);
    return limits.names === null || limits.bytes === null
      ? fail(`${name} has no limit of ${limits.names === null ? 'names' : 'bytes'}`, { ...limits })
      : pass(`${name} is limited to ${limits.names} names and ${limits.bytes} bytes`);
  },
  examples: [
    { shows: 'both limits', given: folder({ ...root, quota: { names: 1_000_000, bytes: 1e15 } }), status: 'pass' },
    { shows: 'bytes without names', given: folder({ ...root, quota: { names: null, bytes: 1e15 } }), status: 'fail' },
    { shows: 'not told', given: folder(root), status: 'unknown' },
  ],
});
