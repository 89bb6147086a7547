import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { files, folder } from './examples.ts';

/** Others do not write into the roots. */
export const othersWrite = defineRule<HdfsFolderBody>({
  id: 'hdfs-not-writable-by-others',
  version: 1,
  title: 'Others can write nothing in golden, quarantine and raw',
  why: 'Who may write into a folder of a table adds rows to it, and without the sticky bit deletes what is there, whoever owns the files. With the sticky bit others may still add.',
  area: 'identity',
  severity: 'critical',
  kinds: [hdfsKinds.folder],
  remedy: 'hdfs dfs -chmod o-w on the folder and its files.',
  triggers: ['hdfs/permission', 'hdfs/content'],
  judge({ name, body: { others, reachable, mode, sticky, files: content } }) {
    if (!reachable) return pass(`a folder above shields ${name} from others`);
    if (others[1] === 'w' && others[2] === 'x') {
      return sticky
        ? fail(`others can add files to ${name}`, { mode, sticky }, { severity: 'high' })
        : fail(`others can add and delete files in ${name}`, { mode, sticky });
    }
    const writable = content?.writable ?? 0;
    if (others[2] === 'x' && writable > 0)
      return fail(`others can write into ${writable} files in ${name}`, { mode, writableFiles: writable });
    return pass(`others cannot write into ${name}`);
  },
  examples: [
    { shows: 'closed', given: folder(), status: 'pass' },
    { shows: 'open', given: folder({ mode: '0777' }), status: 'fail' },
    { shows: 'open with the sticky bit', given: folder({ mode: '1777' }), status: 'fail' },
    { shows: 'write without passing is nothing', given: folder({ mode: '0752' }), status: 'pass' },
    { shows: 'files to write', given: folder({ mode: '0751', files: files({ writable: 1 }) }), status: 'fail' },
  ],
});
