import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parquetBytes, type ColumnSpec, type Rows } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';
import { summonJury } from './jury.ts';

const lake = useSyncLake();
const jury = summonJury(lake);

type File = Uint8Array | readonly [columns: Readonly<Record<string, ColumnSpec>>, rows: Rows];

interface Layout {
  readonly name: string;
  /** One file for each hour. */
  readonly files: readonly File[];
  /** An expression, and the rows' answers in the order of their ids. */
  readonly ask: string;
  readonly answers: readonly unknown[];
  /** Filters, and the ids that they find. */
  readonly find: Readonly<Record<string, readonly number[]>>;
}

// Avro's old way, and so Flink's and Kafka Connect's: no group between the list and its element.
const twoLevels = readFileSync('test/fixtures/parquet/parquet-mr.parquet');

const millis: ColumnSpec = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
const micros: ColumnSpec = { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' };
const moment = Date.UTC(2019, 8, 1, 3, 4, 5, 678);

const layouts: readonly Layout[] = [
  {
    name: 'column_appended_in_the_middle',
    files: [
      [{ id: 'int', z: 'string' }, [{ id: 1, z: 'old' }]],
      [{ id: 'int', m: 'double', z: 'string' }, [{ id: 2, m: 0.5, z: 'new' }]],
    ],
    ask: 'z',
    answers: ['old', 'new'],
    find: { "z = 'old'": [1], "z > 'a'": [1, 2], 'm = 0.5': [2], 'm IS NULL': [1], 'm BETWEEN 0 AND 1': [2] },
  },
  {
    name: 'column_absent_in_young_files',
    files: [
      [{ id: 'int', c: 'int', z: 'string' }, [{ id: 1, c: 7, z: 'old' }]],
      [{ id: 'int', z: 'string' }, [{ id: 2, z: 'new' }]],
    ],
    ask: 'z',
    answers: ['old', 'new'],
    find: { 'c = 7': [1], 'c > 0': [1], 'c IS NULL': [2], "z = 'new'": [2] },
  },
  {
    name: 'columns_in_another_order',
    files: [
      [{ id: 'int', a: 'string', b: 'string' }, [{ id: 1, a: 'a1', b: 'b1' }]],
      [{ b: 'string', a: 'string', id: 'int' }, [{ id: 2, a: 'a2', b: 'b2' }]],
    ],
    ask: 'concat(a, b)',
    answers: ['a1b1', 'a2b2'],
    find: { "a = 'a2'": [2], "b = 'b1'": [1], "a BETWEEN 'a1' AND 'a2'": [1, 2] },
  },
  {
    name: 'another_letter_case',
    files: [
      [{ id: 'int', userId: 'string' }, [{ id: 1, userId: 'one' }]],
      [{ id: 'int', userid: 'string' }, [{ id: 2, userid: 'two' }]],
      [{ ID: 'int', USERID: 'string' }, [{ ID: 3, USERID: 'three' }]],
    ],
    ask: 'userid',
    answers: ['one', 'two', 'three'],
    find: { "userid = 'one'": [1], "userid = 'three'": [3], "userid BETWEEN 'one' AND 'two'": [1, 2, 3] },
  },
  {
    name: 'struct_fields_in_another_order',
    files: [
      [{ id: 'int', c: 'struct<a:string,b:string>' }, [{ id: 1, c: { a: 'a1', b: 'b1' } }]],
      [{ id: 'int', c: 'struct<b:string,a:string>' }, [{ id: 2, c: { a: 'a2', b: 'b2' } }]],
    ],
    ask: 'concat(c.a, c.b)',
    answers: ['a1b1', 'a2b2'],
    find: { "c.a = 'a2'": [2], "c.b = 'b1'": [1], "c.a > 'a0'": [1, 2] },
  },
  {
    name: 'struct_field_absent_in_young_files',
    files: [
      [{ id: 'int', c: 'struct<a:int,b:string>' }, [{ id: 1, c: { a: 1, b: 'x' } }]],
      [{ id: 'int', c: 'struct<a:int>' }, [{ id: 2, c: { a: 2 } }]],
    ],
    ask: "coalesce(c.b, '-')",
    answers: ['x', '-'],
    find: { 'c.a BETWEEN 1 AND 2': [1, 2], "c.b = 'x'": [1], 'c.b IS NULL': [2] },
  },
  {
    name: 'struct_widened_and_extended_in_a_map',
    files: [
      [{ id: 'int', c: 'map<string,struct<a:int>>' }, [{ id: 1, c: { k: { a: 1 } } }]],
      [{ id: 'int', c: 'map<string,struct<a:bigint,b:string>>' }, [{ id: 2, c: { k: { a: 5_000_000_000n, b: 'x' } } }]],
    ],
    ask: "concat(cast(c['k'].a AS varchar(50)), coalesce(c['k'].b, '-'))",
    answers: ['1-', '5000000000x'],
    find: { "c['k'].a = 1": [1], "c['k'].a > 1": [2], "c['k'].b IS NULL": [1] },
  },
  {
    name: 'late_file_of_the_old_type',
    files: [
      [{ id: 'int', c: 'bigint' }, [{ id: 1, c: 5_000_000_000n }]],
      [{ id: 'int', c: 'int' }, [{ id: 2, c: 7 }]],
    ],
    ask: 'cast(c AS varchar(50))',
    answers: ['5000000000', '7'],
    find: { 'c = 7': [2], 'c > 7': [1], 'c BETWEEN 0 AND 5000000000': [1, 2] },
  },
  {
    name: 'lists_of_two_and_three_levels',
    files: [
      twoLevels,
      [{ id: 'bigint', tags: 'array<string>', items: 'array<int>' }, [{ id: 3n, tags: ['y'], items: [7] }]],
    ],
    ask: 'concat(tags[0], cast(items[0] AS varchar(50)))',
    answers: ['x0', 'x1', 'x2', 'y7'],
    find: { "tags[0] = 'y'": [3], "tags[0] > 'a'": [0, 1, 2, 3], 'items[0] BETWEEN 1 AND 7': [1, 2, 3] },
  },
  {
    name: 'timestamps_of_milliseconds_and_microseconds',
    files: [
      [{ id: 'int', c: millis }, [{ id: 1, c: BigInt(moment) }]],
      [{ id: 'int', c: micros }, [{ id: 2, c: BigInt(moment + 1) * 1000n }]],
    ],
    ask: "CASE WHEN c > timestamp '2019-09-01 03:04:05.678' THEN 'later' ELSE 'not later' END",
    answers: ['not later', 'later'],
    find: {
      "c = timestamp '2019-09-01 03:04:05.678'": [1],
      "c > timestamp '2019-09-01 03:04:05.678'": [2],
      "c BETWEEN timestamp '2019-09-01 03:04:05.678' AND timestamp '2019-09-01 03:04:05.679'": [1, 2],
      "c < timestamp '2019-09-01 03:04:05'": [],
    },
  },
];

describe('files of one table that are laid out differently are read rightly by every engine', () => {
  test.each(layouts)('$name', async ({ name, files, ask, answers, find }) => {
    for (const [hour, file] of files.entries()) {
      const bytes = file instanceof Uint8Array ? file : parquetBytes(...file);
      await lake.put(`${name}/2019/09/01/0${hour}/data.parquet`, bytes);
      const problems = problemsOf(await lake.apply({ kind: 'full', topics: [name] }));
      expect(problems.filter(({ code }) => code !== 'column.note')).toEqual([]);
    }
    expect(await jury.ask(`SELECT ${ask} AS answer FROM DB.${name} ORDER BY id`)).toEqual(
      jury.agree(answers.map((answer) => ({ answer }))),
    );
    expect(await jury.find(name, Object.keys(find))).toEqual(
      Object.fromEntries(Object.entries(find).map(([filter, ids]) => [filter, jury.agree(ids)])),
    );
  });
});
