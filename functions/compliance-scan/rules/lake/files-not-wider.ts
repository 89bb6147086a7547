import { z } from 'zod';
import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { grant, table } from '../hive/examples.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { findFolder, folderBeside, folderNeed, trimTable } from './folder-facts.ts';

const parameters = z.strictObject({ services });

/** Files say no more than SQL allows. */
export const filesNotWider = defineRule<HiveTableBody, typeof parameters>({
  id: 'lake-files-not-wider-than-grants',
  version: 1,
  title: 'Who may not query a table may not read its files either',
  why: 'SQL privileges bind those who come by HiveServer2. Who may read the folder of the table in HDFS reads the Parquet files with any program, and sees more than the privileges say.',
  area: 'identity',
  severity: 'high',
  kinds: [hiveKinds.table],
  remedy:
    'Close the folder to others and to the people in its ACL, or grant SELECT on the table to those who shall read it.',
  triggers: ['hdfs/permission', 'hive/table'],
  needs: [folderNeed],
  trim: trimTable,
  parameters,
  judge({ name, body: { location, grants, owner } }, look) {
    const path = location?.path;
    if (path === undefined) return [];
    const found = findFolder(path, look);
    if (found === undefined) return unknown(`the folder of ${name}, ${path}, was not looked at`);
    const { others, readers } = found.fact;
    const isClosed = others[0] !== 'r' || others[2] !== 'x';
    if (!found.exact) {
      return others[2] === 'x' || (readers?.length ?? 1) > 0
        ? unknown(`${path} of ${name} was not looked at, only ${found.fact.path} above it`)
        : pass(`${found.fact.path} shields the files of ${name}`);
    }
    if (grants === undefined) return unknown(`the privileges on ${name} could not be read`);
    const reading = grants.filter(({ privilege }) => privilege === 'SELECT' || privilege === 'ALL');
    const isPublic = reading.some(({ type, principal }) => type === 'role' && principal.toLowerCase() === 'public');
    if (isPublic) return pass(`everybody may query ${name}`);
    if (!isClosed) {
      const evidence = { path, others, grants: reading.map(({ type, principal }) => `${type} ${principal}`) };
      return fail(`everybody can read the files of ${name}, and only some may query it`, evidence);
    }
    if (readers === undefined) return unknown(`the ACL of ${path} could not be read`);
    const known = new Set([owner, ...reading.filter(({ type }) => type === 'user').map(({ principal }) => principal)]);
    const wider = readers.filter((each) => !known.has(each) && !isAmong(each, look.parameters.services));
    return wider.length === 0
      ? pass(`the files of ${name} are not open to more than SQL allows`)
      : fail(`${wider.join(', ')} can read the files of ${name} without the privilege to query it`, {
          path,
          readers: wider,
        });
  },
  examples: [
    { shows: 'a closed folder', given: table(), beside: [folderBeside()], status: 'pass' },
    { shows: 'an open folder', given: table(), beside: [folderBeside({ others: 'r-x' })], status: 'fail' },
    {
      shows: 'a table for everybody',
      given: table({ grants: [grant('public', 'role')] }),
      beside: [folderBeside({ others: 'r-x' })],
      status: 'pass',
    },
    {
      shows: 'a shielded folder',
      given: table(),
      beside: [folderBeside({ others: 'r-x', reachable: false })],
      status: 'pass',
    },
    { shows: 'a name in the ACL', given: table(), beside: [folderBeside({ acl: [reader('alice')] })], status: 'fail' },
    {
      shows: 'a name in both',
      given: table({ grants: [grant('alice', 'user')] }),
      beside: [folderBeside({ acl: [reader('alice')] })],
      status: 'pass',
    },
    { shows: 'a folder that nobody looked at', given: table(), status: 'unknown' },
  ],
});

function reader(name: string) {
  return { scope: 'access', type: 'user', name, permission: 'r-x', effective: 'r-x' } as const;
}
