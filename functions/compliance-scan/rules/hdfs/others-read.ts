import type { HdfsFolderBody } from '../../inventory/hdfs/kinds.ts';
import { hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { files, folder } from './examples.ts';

/** Others, who are everybody with an account, do not read what lies in the roots. */
export const othersRead = defineRule<HdfsFolderBody>({
  id: 'hdfs-not-readable-by-others',
  version: 1,
  title: 'Others can read nothing in golden, quarantine and raw',
  why: 'Others are all accounts of the cluster, also those of tomorrow. Files inherit nothing from a folder but its default ACL, so that a folder that others may pass opens each file that was written with a plain umask. What a closed folder above shields is not reported, and below an open folder only what is open by itself.',
  area: 'identity',
  severity: 'high',
  kinds: [hdfsKinds.folder],
  remedy: 'hdfs dfs -chmod o-rwx on the folder (-R for files in it), and give readers a group or an ACL entry.',
  triggers: ['hdfs/permission', 'hdfs/content'],
  judge({ name, body: { others, othersAbove, reachable, mode, files: content } }) {
    if (!reachable) return pass(`a folder above shields ${name} from others`);
    if (others[0] === 'r') {
      // The finding of the folder above speaks for what is as open as it is.
      return othersAbove?.[0] === 'r'
        ? []
        : fail(`others can list ${name}${others[2] === 'x' ? ' and pass through it' : ''}`, { mode, others });
    }
    if (others[2] === 'x' && (content?.readable ?? 0) > 0)
      return fail(
        `others can read ${content?.readable} files in ${name} whose names they know`,
        { mode, readableFiles: content?.readable ?? 0 },
        { severity: 'medium' },
      );
    return pass(`others cannot read ${name}`);
  },
  examples: [
    { shows: 'closed', given: folder(), status: 'pass' },
    { shows: 'open for reading', given: folder({ mode: '0755' }), status: 'fail' },
    { shows: 'open, but shielded above', given: folder({ mode: '0777', reachable: false }), status: 'pass' },
    {
      shows: 'a folder to pass with files to read',
      given: folder({ mode: '0711', files: files({ readable: 2 }) }),
      status: 'fail',
    },
  ],
});
