import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { describeEntry, entry, folder } from './examples.ts';

/** An ACL means what it says. */
export const aclMask = defineRule<HdfsFolderBody>({
  id: 'hdfs-no-masked-acl',
  version: 1,
  title: 'No ACL entry waits behind a mask',
  why: 'With an ACL, chmod g=… changes the mask. An entry that the mask takes away from looks harmless, and works again at the next chmod.',
  area: 'identity',
  severity: 'low',
  kinds: [hdfsKinds.folder],
  remedy: 'Delete the entry, or give it what it is meant to have.',
  triggers: ['hdfs/permission'],
  judge({ name, body: { acl, mode } }) {
    if (acl === undefined) return unknown(`the ACL of ${name} could not be read`);
    const hidden = acl.filter(
      (each) => each.scope === 'access' && each.name !== '' && each.effective !== each.permission,
    );
    return hidden.length === 0
      ? pass(`the ACL of ${name} means what it says`)
      : fail(`the mask of ${name} hides what its ACL gives`, { mode, entries: hidden.map(describeEntry) });
  },
  examples: [
    { shows: 'no mask', given: folder({ acl: [entry('trino', 'r-x')] }), status: 'pass' },
    { shows: 'a hidden entry', given: folder({ acl: [entry('alice', 'rwx', { effective: '---' })] }), status: 'fail' },
  ],
});
