import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { table } from '../hive/examples.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { findFolder, folderBeside, folderNeed, trimTable } from './folder-facts.ts';

/** Tables lie where data is encrypted. */
export const tablesEncrypted = defineRule<HiveTableBody>({
  id: 'lake-table-in-encryption-zone',
  version: 1,
  title: 'Tables lie in encryption zones',
  why: 'The metastore knows nothing of zones: a table that is made anew beside a zone looks the same, and its files lie in plain text on the disks.',
  area: 'encryption',
  severity: 'medium',
  kinds: [hiveKinds.table],
  controls: { 'pci-4.0': ['3.5.1'] },
  remedy: 'Copy the data into a zone and ALTER TABLE … SET LOCATION.',
  triggers: ['hdfs/encryption', 'hive/table'],
  needs: [folderNeed],
  trim: trimTable,
  judge({ name, body: { location } }, look) {
    const path = location?.path;
    if (path === undefined) return [];
    const found = findFolder(path, look);
    // What is in a zone has only what is in that zone below it.
    if (found?.fact.encrypted === true) return pass(`${name} lies in an encryption zone`);
    return found?.exact === true
      ? fail(`${name} lies in ${path}, which is in no encryption zone`, { location: path })
      : unknown(`the folder of ${name}, ${path}, was not looked at`);
  },
  examples: [
    { shows: 'a zone', given: table(), beside: [folderBeside()], status: 'pass' },
    { shows: 'a zone above', given: table(), beside: [folderBeside({ path: '/golden' })], status: 'pass' },
    { shows: 'no zone', given: table(), beside: [folderBeside({ encrypted: false })], status: 'fail' },
    {
      shows: 'only what is above was seen',
      given: table(),
      beside: [folderBeside({ path: '/golden', encrypted: false })],
      status: 'unknown',
    },
  ],
});
