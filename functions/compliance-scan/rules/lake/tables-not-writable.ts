import { type HiveDatabaseBody, type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { table } from '../hive/examples.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { findFolder, folderBeside, folderNeed, trimTable } from './folder-facts.ts';

/** Nobody adds rows past SQL. */
export const tablesNotWritable = defineRule<HiveTableBody | HiveDatabaseBody>({
  id: 'lake-table-not-world-writable',
  version: 1,
  title: 'Nobody but its writers can add files to a table',
  why: 'A file that lies in the folder of a table is rows of the table. In the folder of a database, whoever may write makes the folder of the next table before its owner does.',
  area: 'identity',
  severity: 'critical',
  kinds: [hiveKinds.table, hiveKinds.database],
  remedy: 'hdfs dfs -chmod o-w on the folder; look which files were added by whom.',
  triggers: ['hdfs/permission', 'hive/table', 'hive/database'],
  needs: [folderNeed],
  trim: trimTable,
  judge({ name, body: { location } }, look) {
    const path = location?.path;
    if (path === undefined) return [];
    const found = findFolder(path, look);
    if (found === undefined) return unknown(`the folder of ${name}, ${path}, was not looked at`);
    const { others } = found.fact;
    if (!found.exact && others[2] === 'x') return unknown(`the folder of ${name}, ${path}, was not looked at`);
    return found.exact && others[1] === 'w' && others[2] === 'x'
      ? fail(`everybody can add files to ${name}`, { path, others })
      : pass(`only its writers can add files to ${name}`);
  },
  examples: [
    { shows: 'closed', given: table(), beside: [folderBeside({ others: 'r-x' })], status: 'pass' },
    { shows: 'open', given: table(), beside: [folderBeside({ others: 'rwx' })], status: 'fail' },
    { shows: 'a closed folder above', given: table(), beside: [folderBeside({ path: '/golden' })], status: 'pass' },
    {
      shows: 'an open folder above',
      given: table(),
      beside: [folderBeside({ path: '/golden', others: 'rwx' })],
      status: 'unknown',
    },
  ],
});
