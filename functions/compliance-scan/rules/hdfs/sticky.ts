import { z } from 'zod';
import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { folder } from './examples.ts';

const parameters = z.strictObject({
  sharedRoots: z.array(z.string()).default(['quarantine', 'raw']).describe('roots into which many programs write'),
});

/** Writers of a shared folder do not delete each other's files. */
export const sticky = defineRule<HdfsFolderBody, typeof parameters>({
  id: 'hdfs-shared-folders-sticky',
  version: 1,
  title: 'Folders that many write into have the sticky bit',
  why: 'Without it each member of a group that may write can delete and rename the files of the others.',
  area: 'durability',
  severity: 'medium',
  kinds: [hdfsKinds.folder],
  remedy: 'hdfs dfs -chmod +t on the folder.',
  triggers: ['hdfs/permission'],
  parameters,
  judge({ name, body }, { parameters: { sharedRoots } }) {
    const isShared = (body.members[1] === 'w' && sharedRoots.includes(body.root)) || body.others[1] === 'w';
    if (!isShared) return [];
    return body.sticky
      ? pass(`${name} has the sticky bit`)
      : fail(`those who may write into ${name} can delete each other's files`, { mode: body.mode, group: body.group });
  },
  examples: [
    { shows: 'sticky', given: folder({ mode: '1777' }), status: 'pass' },
    { shows: 'open to all', given: folder({ mode: '0777' }), status: 'fail' },
    { shows: 'a shared quarantine', given: folder({ mode: '0770', root: 'quarantine' }), status: 'fail' },
  ],
});
