import { z } from 'zod';
import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { folderOf, roots } from '../lake-roots.ts';
import { table } from './examples.ts';

const parameters = z.strictObject({
  roots,
  otherFolders: z
    .array(z.string())
    .default(['/warehouse', '/user/hive/warehouse'])
    .describe('further folders for tables'),
});

/** External tables lie where the lake is looked after. */
export const locationInRoots = defineRule<HiveTableBody, typeof parameters>({
  id: 'hive-location-in-lake',
  version: 1,
  title: 'External tables lie in the folders of the lake',
  why: 'What lies elsewhere, in a home folder, in /tmp or in another file system, is not backed up, not encrypted, not compacted and not scanned, but people query it all the same.',
  area: 'ownership',
  severity: 'medium',
  kinds: [hiveKinds.table],
  remedy: 'Copy the data into a root and ALTER TABLE … SET LOCATION, or drop the table.',
  triggers: ['hive/table'],
  parameters,
  judge({ name, body: { type, location } }, { parameters: { roots: lake, otherFolders } }) {
    if (type !== 'external' || location === undefined) return [];
    if (location.path === undefined) return fail(`${name} lies in another file system`, { location: location.text });
    const folders = [...lake.golden, ...lake.quarantine, ...lake.raw, ...otherFolders];
    return folderOf(location.path, folders) === undefined
      ? fail(`${name} lies outside the folders of the lake`, { location: location.text })
      : pass(`${name} lies in the lake`);
  },
  examples: [
    { shows: 'a root', given: table(), status: 'pass' },
    { shows: 'a neighbour by name', given: table({ location: at('/goldenrod/x') }), status: 'fail' },
    { shows: 'a home folder', given: table({ location: at('/user/alice/x') }), status: 'fail' },
    { shows: 'another file system', given: table({ location: { text: 's3a://x/y', oddities: [] } }), status: 'fail' },
  ],
});

function at(path: string) {
  return { text: `hdfs://lake${path}`, path, oddities: [] };
}
