import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** The known traps of keeping a metastore, each with the tests that hold it: file below test/, and a part of the name. */
const traps: Readonly<Record<string, readonly (readonly [file: string, name: string])[]>> = {
  '1 hours that a change of clocks skips or doubles': [
    ['unit/lake/path-template.test.ts', 'knows no time zone, also when it changes while the process runs'],
    ['e2e/walks.test.ts', 'has no zone: the hours that a zone skips are partitions, the same in every zone'],
  ],
  '2 2020/01/11 beside 2020/11/01': [['unit/lake/path-template.test.ts', 'keeps 2020/01/11 and 2020/11/01 apart']],
  '3 hidden and temporary names': [
    ['e2e/layouts.test.ts', 'hidden and temporary names are no data: not registered, not counted, no topics'],
    ['e2e/snapshot.test.ts', 'walks new folders only, and leaves aside what is no data'],
  ],
  '4 one digit beside two, months, days and hours that are none': [
    ['e2e/layouts.test.ts', '1 beside 01 is one partition of a number'],
    ['e2e/layouts.test.ts', '1 beside 01 are two partitions of a text'],
    ['e2e/layouts.test.ts', 'that are no calendar dates are named and left aside'],
  ],
  "5 Hive's default partition": [['e2e/layouts.test.ts', 'are unescaped as Hive does it, and found again']],
  '6 escaped, special and foreign characters in values': [
    ['e2e/layouts.test.ts', 'are unescaped as Hive does it, and found again'],
    ['e2e/hostile-names.test.ts', 'are shown by Hive as the folders are called'],
    ['property/path-template.test.ts', 'any text goes to a key=value path and comes back'],
  ],
  '7 two layouts in one topic': [['e2e/layouts.test.ts', 'stand side by side in one table']],
  '8 files above partitions, folders inside, empty folders': [
    ['e2e/layouts.test.ts', 'files above the partitions and folders inside them are named'],
    ['e2e/layouts.test.ts', 'of which one is an empty folder: the full one is used'],
  ],
  '9 names of one file system, paths that leave the root': [
    ['unit/metastore-sync/doorbell.test.ts', 'names of one file system are one'],
    ['property/hdfs-locations.test.ts', 'whatever comes in, what comes out is clean or an error of ours'],
    ['e2e/bad-input.test.ts', 'outside the root is refused for good'],
  ],
  '10 names of topics, and topics that would share a table': [
    ['e2e/hostile-names.test.ts', '%s becomes the table %s'],
    ['e2e/first-sync.test.ts', 'topics that would share a table are refused, the others go on'],
  ],
  "10b plus signs in Kafka Connect's names": [
    ['e2e/layouts.test.ts', "Kafka Connect's names with + are files like any other"],
    ['unit/metastore-sync/doorbell.test.ts', 'a plus in an object'],
    ['contract/hdfs-names.test.ts', 'any name survives'],
  ],
  '11 int to bigint with old partitions': [
    ['e2e/evolution.test.ts', '$before to $after'],
    ['engines/evolution.test.ts', 'what metastore-sync changes by itself, every engine answers rightly'],
  ],
  '12 an int file that comes late': [
    ['e2e/evolution.test.ts', 'a late file of the old type neither narrows nor hurts'],
  ],
  '13 decimals': [
    ['unit/parquet/lattice.test.ts', 'no common type is made without being asked for'],
    ['e2e/evolution.test.ts', 'one that the topic allows is made and named'],
    ['engines/faults.test.ts', 'a decimal of another scale'],
  ],
  '14 a new field in the middle of a struct': [
    ['unit/parquet/lattice.test.ts', 'new columns go to the end, nothing is dropped, moved or narrowed'],
    ['e2e/evolution.test.ts', '$before to $after'],
  ],
  '15 columns equal but for case': [['e2e/hostile-names.test.ts', 'two equal but for case are refused by name']],
  '16 a column of nulls that gets a type later': [
    ['e2e/awkward-types.test.ts', 'is left out while it has no type, and appended with the first one'],
    ['e2e/awkward-types.test.ts', 'of a wrong type refuses the files of the right one by name'],
  ],
  '17 timestamps in four units': [
    ['e2e/awkward-types.test.ts', 'timestamps of INT96 beside milliseconds, microseconds and nanoseconds'],
    ['engines/layouts.test.ts', 'are read rightly by every engine'],
  ],
  '18 unsigned integers': [['e2e/awkward-types.test.ts', 'unsigned integers are told of']],
  '19 legacy shapes of lists and maps': [
    ['unit/parquet/nested-columns.test.ts', 'lists in all their shapes'],
    ['unit/parquet/nested-columns.test.ts', 'maps in all their shapes'],
    ['engines/layouts.test.ts', 'are read rightly by every engine'],
  ],
  '20 names of columns that SQL or Hive knows, or cannot hold': [
    ['e2e/hostile-names.test.ts', 'one that is a partition key shows the value of the path'],
    ['e2e/hostile-names.test.ts', 'reserved words, letters of every script'],
    ['e2e/hostile-names.test.ts', '%s are refused by name'],
  ],
  '21 1,500 columns and a type of 7,000 characters': [
    ['e2e/hostile-names.test.ts', '1,500 columns and a type of more than 7,000 characters are taken whole'],
  ],
  '22 partitions that differ from their table': [
    ['e2e/evolution.test.ts', 'a new column in a new file of an old partition is seen in that partition'],
    ['engines/evolution.test.ts', 'old and new partitions together'],
  ],
  '23 files that cannot be read': [
    ['e2e/bad-input.test.ts', 'is reported by name and holds back its new partition only'],
    ['e2e/lost-block.test.ts', 'a lost block holds back its new partition, is named, and blocks nothing else'],
  ],
  '24 a file that is being written': [
    ['e2e/bad-input.test.ts', 'is accounted for by the first whole walk after its end'],
  ],
  '25 what vanishes between the look and the write': [
    ['e2e/bad-input.test.ts', 'a file that vanished is left out, and its neighbours are registered'],
    ['e2e/first-sync.test.ts', 'a partition that vanishes between plan and apply is not registered'],
  ],
  '26 fields that we do not know': [
    ['contract/metastore-table.test.ts', 'keeps everything that it does not change'],
    ['contract/metastore-table.test.ts', 'is accepted with fields that are not invented yet'],
    ['contract/metastore-table.test.ts', 'gives what the server sent byte for byte'],
  ],
  '27 eight writers and a stranger': [['support/writers.ts', 'eight writers at once on one table, and a stranger']],
  '28 Hive 3.1 and 4 by one build': [
    ['contract/metastore-3.test.ts', 'creates a table, evolves it with its partitions, and then has nothing to do'],
    ['contract/metastore-table.test.ts', 'with an expected parameter happens only when the parameter has that value'],
  ],
  '29 a connection cut in a call': [
    ['unit/hive/connection.test.ts', 'in a read: the read is repeated once'],
    ['unit/hive/connection.test.ts', 'in a write: the write is not repeated, and may have happened'],
    ['integrity/every-call.test.ts', 'whatever happens to any call, the next run ends as if nothing had'],
  ],
  '30 a poisoned partition in a batch': [
    ['e2e/hostile-names.test.ts', 'that the metastore refuses are found in their batch and block no other'],
    ['unit/metastore-sync/partition/bisect.test.ts', 'takes refusals of all for trouble of the service'],
  ],
  '31 drop storms, and tables that are not ours': [
    ['e2e/vanished.test.ts', 'too many, or too large a share, are refused all together'],
    ['e2e/vanished.test.ts', 'an emptied topic, a missing topic and an emptied root'],
    ['e2e/vanished.test.ts', 'a folder that may not be listed: what is not seen in it is unknown'],
    ['e2e/vanished.test.ts', 'stays when somebody registered it at another place'],
    ['e2e/snapshot.test.ts', 'within the limits, and never all'],
    ['e2e/first-sync.test.ts', '%s is reported and not touched'],
  ],
  '32 a run with nothing to do': [
    ['e2e/first-sync.test.ts', 'is not written to by a run with nothing to do'],
    ['e2e/snapshot.test.ts', 'writes nothing when nothing happened, at three calls'],
  ],
  '33 what people set': [
    ['e2e/first-sync.test.ts', 'owner, comments, parameters, unknown fields and every create time survive'],
  ],
  '34 events twice, late, and thousands at once': [
    ['e2e/first-sync.test.ts', 'ten at once end in one table, each partition announced once'],
    ['e2e/first-sync.test.ts', 'late and twice'],
    ['integrity/bursts.test.ts', 'thousands of events at once become few plans for each table'],
  ],
  '35 rows after files came, went and became one': [
    ['e2e/row-counts.test.ts', 'after files were added, without reading the others again'],
    ['e2e/row-counts.test.ts', 'after a file was removed'],
    ['e2e/row-counts.test.ts', 'after all files were swapped for one that holds their rows'],
  ],
  '36 three new files among many partitions': [
    [
      'e2e/snapshot.test.ts',
      'of three new files makes 16 calls, one more where a partition changes, however many partitions there are',
    ],
  ],
};

const root = join(import.meta.dirname, '../..');

describe('each known trap has a test', () => {
  test.each(Object.entries(traps))('%s', (_, tests) => {
    const missing = tests.filter(([file, name]) => !readFileSync(join(root, file), 'utf8').includes(name));
    expect(missing).toEqual([]);
  });

  test('and none of these tests is left out', () => {
    const skipped = globSync('**/*.test.ts', { cwd: root }).filter((file) =>
      /\b(describe|test|it)\.(skip|only|todo)\b|\bx(describe|test|it)\(/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(skipped).toEqual([]);
  });
});
