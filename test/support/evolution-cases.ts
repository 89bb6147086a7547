/** A change that is made without asking (or that is none): the type in an old and in a young file, and what was asked. */
export interface AllowedChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly old: unknown;
  readonly young: unknown;
  /** The expression that is asked, in words that Hive, Trino and Spark share (Trino counts array elements from 1). */
  readonly ask: string;
  /** What the engines answer for the old and the young row. */
  readonly answers: readonly [unknown, unknown];
  /** What is filtered, and its old and young value in SQL, the old one being less. */
  readonly filtered: { readonly on: string; readonly old: string; readonly young: string };
  readonly cascade: boolean;
}

const large = { young: 5_000_000_000n, text: '5000000000' };

/** Every change that metastore-sync makes without asking. */
export const allowedChanges: readonly AllowedChange[] = [
  {
    name: 'smallint_int',
    before: 'smallint',
    after: 'int',
    old: 7,
    young: 70_000,
    ask: 'cast(c AS varchar(50))',
    answers: ['7', '70000'],
    filtered: { on: 'c', old: '7', young: '70000' },
    cascade: true,
  },
  {
    name: 'smallint_bigint',
    before: 'smallint',
    after: 'bigint',
    old: 7,
    young: large.young,
    ask: 'cast(c AS varchar(50))',
    answers: ['7', large.text],
    filtered: { on: 'c', old: '7', young: large.text },
    cascade: true,
  },
  {
    name: 'int_bigint',
    before: 'int',
    after: 'bigint',
    old: 7,
    young: large.young,
    ask: 'cast(c AS varchar(50))',
    answers: ['7', large.text],
    filtered: { on: 'c', old: '7', young: large.text },
    cascade: true,
  },
  {
    name: 'decimal_more_digits',
    before: 'decimal(9,2)',
    after: 'decimal(18,2)',
    old: 12.34,
    // More than nine digits, yet no more than 32 bits: see the faults in test/engines.
    young: 10_000_000.12,
    ask: 'cast(c AS varchar(50))',
    answers: ['12.34', '10000000.12'],
    filtered: { on: 'c', old: '12.34', young: '10000000.12' },
    cascade: true,
  },
  {
    name: 'decimal_most_digits',
    before: 'decimal(18,2)',
    after: 'decimal(38,2)',
    old: 12.34,
    young: 56.78,
    ask: 'cast(c AS varchar(50))',
    answers: ['12.34', '56.78'],
    filtered: { on: 'c', old: '12.34', young: '56.78' },
    cascade: true,
  },
  {
    name: 'struct_field_appended',
    before: 'struct<a:int>',
    after: 'struct<a:int,b:string>',
    old: { a: 1 },
    young: { a: 2, b: 'x' },
    ask: "concat(cast(c.a AS varchar(50)), ' ', coalesce(c.b, '-'))",
    answers: ['1 -', '2 x'],
    filtered: { on: 'c.a', old: '1', young: '2' },
    cascade: false,
  },
  {
    name: 'struct_in_array_appended',
    before: 'array<struct<a:int>>',
    after: 'array<struct<a:int,b:string>>',
    old: [{ a: 1 }],
    young: [{ a: 2, b: 'x' }],
    ask: "concat(cast(c[0].a AS varchar(50)), ' ', coalesce(c[0].b, '-'))",
    answers: ['1 -', '2 x'],
    filtered: { on: 'c[0].a', old: '1', young: '2' },
    cascade: false,
  },
  {
    name: 'struct_field_widened',
    before: 'struct<a:int>',
    after: 'struct<a:bigint>',
    old: { a: 1 },
    young: { a: large.young },
    ask: 'cast(c.a AS varchar(50))',
    answers: ['1', large.text],
    filtered: { on: 'c.a', old: '1', young: large.text },
    cascade: true,
  },
  {
    name: 'element_widened',
    before: 'array<int>',
    after: 'array<bigint>',
    old: [1],
    young: [large.young],
    ask: 'cast(c[0] AS varchar(50))',
    answers: ['1', large.text],
    filtered: { on: 'c[0]', old: '1', young: large.text },
    cascade: true,
  },
  {
    name: 'map_value_widened',
    before: 'map<string,int>',
    after: 'map<string,bigint>',
    old: { k: 1 },
    young: { k: large.young },
    ask: "cast(c['k'] AS varchar(50))",
    answers: ['1', large.text],
    filtered: { on: "c['k']", old: '1', young: large.text },
    cascade: true,
  },
];

/**
 * Every kind of change that is refused: the type in the table, the type in the file, a value of each, the engine that the
 * refusal names, and a filter that the value of the table meets.
 */
export const refusedChanges: readonly (readonly [string, string, unknown, unknown, string, string])[] = [
  ['float', 'double', 1.5, 2.5, 'Trino', 'c = 1.5'],
  ['int', 'double', 1, 2.5, 'Trino', 'c = 1'],
  ['int', 'decimal(12,2)', 1, 2.5, 'Trino', 'c = 1'],
  ['decimal(9,2)', 'decimal(18,4)', 1.5, 2.5, 'Trino', 'c BETWEEN 1.5 AND 1.6'],
  ['int', 'string', 1, 'two', 'Spark', 'c > 0'],
  ['string', 'int', 'one', 2, 'Spark', "c = 'one'"],
  [
    'date',
    'timestamp',
    new Date('2019-09-01'),
    new Date('2019-09-01T01:02:03Z'),
    'Trino',
    "c BETWEEN date '2019-08-31' AND date '2019-09-01'",
  ],
  ['double', 'float', 1.5, 2.5, '', 'c = 1.5'],
  ['boolean', 'int', true, 2, '', 'c = true'],
  ['struct<a:int>', 'array<int>', { a: 1 }, [1], '', 'c.a = 1'],
];
