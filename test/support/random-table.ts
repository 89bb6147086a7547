import { Dice } from './dice.ts';

/** A table of Hive with random columns, and the query whose 200 rows fill its four partitions. */
export interface RandomTable {
  readonly columns: string;
  readonly select: string;
}

/** Types, and values of them by the number `i` of the row. */
const types: readonly (readonly [type: string, value: string])[] = [
  ['boolean', 'i % 2 = 0'],
  ['tinyint', 'cast(i % 100 - 50 AS tinyint)'],
  ['smallint', 'cast(i * 7 AS smallint)'],
  ['int', 'i * 70001'],
  ['bigint', 'cast(i AS bigint) * -90000000000'],
  ['float', 'cast(i / 3 AS float)'],
  ['double', 'i / -7'],
  ['decimal(9,2)', 'cast(i * 1.25 AS decimal(9,2))'],
  ['decimal(30,4)', 'cast(i * -100000000000.0625 AS decimal(30,4))'],
  ['string', "concat('text ', i % 9)"],
  ['string', "concat('text ', i * i)"],
  ['varchar(5)', "cast(concat('v', i) AS varchar(5))"],
  ['char(5)', "cast(concat('c', i % 5) AS char(5))"],
  ['binary', "cast(concat('b', i) AS binary)"],
  ['date', "date_add(date '2019-09-01', i)"],
  ['timestamp', 'cast(from_unixtime(1567303200 + i) AS timestamp)'],
  ['array<int>', 'array(i, if(i % 3 = 0, NULL, 7), i + 1)'],
  ['array<array<string>>', "array(array(concat('deep ', i)), array('x', 'y'))"],
  ['map<string,bigint>', "map(concat('k', i % 4), cast(i AS bigint), 'all', 1L)"],
  ['struct<a:int,b:string>', "named_struct('a', i, 'b', if(i % 2 = 0, NULL, 'odd'))"],
  ['array<struct<a:double>>', "array(named_struct('a', i / 2))"],
];

/** Columns of any types that Hive writes, with nulls, some of them in every row; and four files of 1, 49, 100 and 50 rows. */
export function randomTable(seed: number): RandomTable {
  const dice = new Dice(seed);
  const chosen = dice.times(10, (index) => {
    const [type, value] = types[dice.below(types.length)] as (typeof types)[number];
    const isNull = dice.oneIn(8) ? 'i >= 0' : `i % ${2 + dice.below(9)} = 1`;
    return { name: `c${index}`, type, value: `if(${isNull}, NULL, ${value}) AS c${index}` };
  });
  const part = 'CASE WHEN i = 0 THEN 0 WHEN i < 50 THEN 1 WHEN i < 150 THEN 2 ELSE 3 END AS part';
  return {
    columns: chosen.map(({ name, type }) => `${name} ${type}`).join(', '),
    select: `SELECT ${chosen.map(({ value }) => value).join(', ')}, ${part}
      FROM (SELECT posexplode(split(space(199), ' ')) AS (i, nothing)) AS numbers`,
  };
}
