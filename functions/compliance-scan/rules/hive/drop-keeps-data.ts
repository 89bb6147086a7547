import { z } from 'zod';
import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { folderOf, roots } from '../lake-roots.ts';
import { table } from './examples.ts';

const parameters = z.strictObject({ roots });

/** Dropping a table drops no golden data. */
export const dropKeepsData = defineRule<HiveTableBody, typeof parameters>({
  id: 'hive-drop-keeps-golden-data',
  version: 1,
  title: 'Dropping a table over golden data keeps the data',
  why: "DROP TABLE of a managed table, or of an external one with external.table.purge, deletes its folder. Golden data is written by others, and is not the table's to delete.",
  area: 'durability',
  severity: 'high',
  kinds: [hiveKinds.table],
  remedy: "Make it external: ALTER TABLE … SET TBLPROPERTIES ('EXTERNAL'='TRUE', 'external.table.purge'='false').",
  triggers: ['hive/table'],
  parameters,
  judge({ name, body: { type, location, purges } }, { parameters: { roots: lake } }) {
    const path = location?.path;
    if (path === undefined || folderOf(path, [...lake.golden, ...lake.raw]) === undefined) return [];
    if (type === 'managed')
      return fail(`${name} is managed, so that dropping it deletes ${path}`, { type, location: path });
    return purges
      ? fail(`${name} deletes ${path} when it is dropped`, { 'external.table.purge': true, location: path })
      : pass(`${name} can be dropped without loss of data`);
  },
  examples: [
    { shows: 'an external table', given: table(), status: 'pass' },
    { shows: 'a managed one', given: table({ type: 'managed' }), status: 'fail' },
    { shows: 'an external one that purges', given: table({ purges: true }), status: 'fail' },
  ],
});
