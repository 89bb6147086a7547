import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { table } from './examples.ts';

/** Locations are written in one way. */
export const plainLocation = defineRule<HiveTableBody>({
  id: 'hive-location-plain',
  version: 1,
  title: 'Locations name the file system by its own name, without slashes too many',
  why: 'The same folder under the name of one NameNode, without a scheme, or with a slash at the end is another text: engines then miss that two tables share data, Ranger and lineage tools see two things, and a NameNode that is replaced takes the table with it.',
  area: 'durability',
  severity: 'low',
  kinds: [hiveKinds.table],
  remedy:
    'ALTER TABLE … SET LOCATION with the name in fs.defaultFS, or hive --service metatool -updateLocation for all tables.',
  triggers: ['hive/table'],
  judge({ name, body: { location } }) {
    // A view has none.
    if (location === undefined) return [];
    return location.oddities.length === 0
      ? pass(`the location of ${name} is plain`)
      : fail(`the location of ${name} is written with ${location.oddities.join(', ')}`, { location: location.text });
  },
  examples: [
    { shows: 'plain', given: table(), status: 'pass' },
    {
      shows: 'the name of one NameNode',
      given: table({
        location: { text: 'hdfs://nn1:8020/golden/clicks', path: '/golden/clicks', oddities: ['another name'] },
      }),
      status: 'fail',
    },
    {
      shows: 'no scheme',
      given: table({ location: { text: '/golden/clicks', path: '/golden/clicks', oddities: ['no scheme'] } }),
      status: 'fail',
    },
  ],
});
