import { z } from 'zod';
import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { folder } from './examples.ts';

const parameters = z.strictObject({
  supergroup: z.string().min(1).default('supergroup').describe('dfs.permissions.superusergroup'),
});

/** The group of administrators is not used as a group of writers. */
export const supergroup = defineRule<HdfsFolderBody, typeof parameters>({
  id: 'hdfs-no-supergroup-writers',
  version: 1,
  title: 'No folder is shared through the group of superusers',
  why: 'Its members may do everything anyhow. A folder that is group-writable for it invites to put writers into that group, and then nothing binds them any more.',
  area: 'identity',
  severity: 'high',
  kinds: [hdfsKinds.folder],
  remedy: 'Give the folder a group of its own by hdfs dfs -chgrp, or take the right to write from the group.',
  triggers: ['hdfs/permission'],
  parameters,
  judge: ({ name, body: { group, members, mode } }, look) =>
    group === look.parameters.supergroup && members[1] === 'w'
      ? fail(`${name} is for all of ${group} to write`, { group, mode })
      : pass(`${name} is not shared through the group of superusers`),
  examples: [
    { shows: 'a group of its own', given: folder({ mode: '0770' }), status: 'pass' },
    {
      shows: 'superusers, who may not write by it',
      given: folder({ mode: '0750', group: 'supergroup' }),
      status: 'pass',
    },
    { shows: 'superusers', given: folder({ mode: '0770', group: 'supergroup' }), status: 'fail' },
  ],
});
