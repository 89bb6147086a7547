import { z } from 'zod';
import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { describeEntry, entry, folder } from './examples.ts';

const parameters = z.strictObject({ services });

/** ACLs name groups and programs. */
export const aclPeople = defineRule<HdfsFolderBody, typeof parameters>({
  id: 'hdfs-no-acl-for-people',
  version: 1,
  title: 'ACL entries name groups and programs, not people',
  why: 'A right that was given to one person stays when that person changes teams. What the mask takes away is reported by another rule, since one chmod gives it back.',
  area: 'identity',
  severity: 'medium',
  kinds: [hdfsKinds.folder],
  remedy: 'hdfs dfs -setfacl -x user:NAME on the folder, and put the person into a group that may read it.',
  triggers: ['hdfs/permission'],
  parameters,
  judge({ name, body: { acl } }, { parameters: { services: known } }) {
    if (acl === undefined) return unknown(`the ACL of ${name} could not be read`);
    const wrong = acl.filter(
      (each) => each.type === 'user' && each.name !== '' && each.effective !== '---' && !isAmong(each.name, known),
    );
    if (wrong.length === 0) return pass(`no ACL entry of ${name} lets a person in`);
    const who = [...new Set(wrong.map((each) => each.name))].join(', ');
    const severity = wrong.some(({ effective }) => effective[1] === 'w') ? 'high' : 'medium';
    return fail(`an ACL gives ${name} to ${who}`, { entries: wrong.map(describeEntry) }, { severity });
  },
  examples: [
    { shows: 'a program', given: folder({ acl: [entry('trino', 'r-x')] }), status: 'pass' },
    { shows: 'a person', given: folder({ acl: [entry('alice', 'r-x')] }), status: 'fail' },
    {
      shows: 'a person whom the mask keeps out',
      given: folder({ acl: [entry('alice', 'rwx', { effective: '---' })] }),
      status: 'pass',
    },
    { shows: 'an ACL that may not be read', given: { body: { ...folder().body, acl: undefined } }, status: 'unknown' },
  ],
});
