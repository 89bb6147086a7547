import { z } from 'zod';
import { type HdfsAclEntry, type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { describeEntry, entry, folder } from './examples.ts';

const parameters = z.strictObject({ services });
const future: Partial<HdfsAclEntry> = { scope: 'default' };

/** What will be written is not open already. */
export const defaultAcl = defineRule<HdfsFolderBody, typeof parameters>({
  id: 'hdfs-no-open-default-acl',
  version: 1,
  title: 'Default ACLs open nothing to others or to people',
  why: 'A default ACL is given to each new file and folder, whatever the umask says. The folder may look closed while everything that is written into it is open.',
  area: 'identity',
  severity: 'high',
  kinds: [hdfsKinds.folder],
  remedy:
    'hdfs dfs -setfacl -m default:other::--- on the folder, and -x default:user:NAME for people; mend what was written since.',
  triggers: ['hdfs/permission'],
  parameters,
  judge({ name, body: { acl } }, { parameters: { services: known } }) {
    if (acl === undefined) return unknown(`the ACL of ${name} could not be read`);
    const open = acl.filter(
      (each) =>
        each.scope === 'default' &&
        each.effective !== '---' &&
        (each.type === 'other' || (each.type === 'user' && each.name !== '' && !isAmong(each.name, known))),
    );
    if (open.length === 0) return pass(`the default ACL of ${name} opens nothing`);
    const severity = open.some(({ type, effective }) => type === 'other' && effective[1] === 'w') ? 'critical' : 'high';
    return fail(`what is written into ${name} will be open`, { entries: open.map(describeEntry) }, { severity });
  },
  examples: [
    {
      shows: 'a closed default',
      given: folder({ acl: [entry('', '---', { ...future, type: 'other' })] }),
      status: 'pass',
    },
    {
      shows: 'others will read',
      given: folder({ acl: [entry('', 'r-x', { ...future, type: 'other' })] }),
      status: 'fail',
    },
    { shows: 'a person will read', given: folder({ acl: [entry('alice', 'r-x', future)] }), status: 'fail' },
    { shows: 'a program will read', given: folder({ acl: [entry('trino', 'r-x', future)] }), status: 'pass' },
  ],
});
