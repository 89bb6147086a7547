import { z } from 'zod';
import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { folder } from './examples.ts';

const parameters = z.strictObject({ services });

/** Folders belong to programs. */
export const owner = defineRule<HdfsFolderBody, typeof parameters>({
  id: 'hdfs-owned-by-service',
  version: 1,
  title: 'Folders belong to programs, not to people',
  why: 'The owner may change modes and ACLs, so that a folder of a person is as safe as that person is careful. When he leaves, nobody can be asked.',
  area: 'ownership',
  severity: 'medium',
  kinds: [hdfsKinds.folder],
  remedy:
    'hdfs dfs -chown to the program that writes it; name that program among the services in the settings of the scan.',
  triggers: ['hdfs/permission', 'hdfs/content'],
  parameters,
  judge: ({ name, body: { owner: who } }, { parameters: { services: known } }) =>
    isAmong(who, known)
      ? pass(`${name} belongs to ${who}`)
      : fail(`${name} belongs to ${who}, who is no known program`, { owner: who }),
  examples: [
    { shows: 'a program', given: folder(), status: 'pass' },
    { shows: 'a person', given: folder({ owner: 'alice' }), status: 'fail' },
  ],
});
