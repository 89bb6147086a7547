import { tmpdir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { compareSchemas } from '../../../bench/rewriters/changes.ts';
import { meaningOf } from '../../../bench/rewriters/meaning.ts';
import { type Measured, toChanges, toFigures, toRows } from '../../../bench/rewriters/report.ts';
import { measureSession } from '../../../bench/rewriters/session.ts';

const group = (name: string, children: number): SchemaElement => ({ name, num_children: children });
const text: SchemaElement = {
  name: 'text',
  type: 'BYTE_ARRAY',
  repetition_type: 'OPTIONAL',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
  field_id: 1,
};
const number: SchemaElement = { name: 'number', type: 'INT32', repetition_type: 'REQUIRED', field_id: 2 };
const schema = [group('root', 2), text, group('inner', 1), number];

function withoutLogical(element: SchemaElement): SchemaElement {
  const older = { ...element };
  delete older.logical_type;
  return older;
}

describe('what a rewriter changed of a schema', () => {
  test('is nothing where only the root is called otherwise, or an annotation is older', () => {
    const after = [
      group('duckdb_schema', 2),
      withoutLogical(text),
      group('inner', 1),
      { ...number, converted_type: 'INT_32' as const },
    ];
    expect(compareSchemas(schema, after)).toEqual({ fields: 3, changed: 0, parts: new Map() });
  });

  test('is told field by field, with what of it', () => {
    const after = [
      group('root', 2),
      { ...text, converted_type: 'JSON' as const, logical_type: { type: 'JSON' as const } },
      group('inner', 1),
      { name: 'Number', type: 'INT64' as const, repetition_type: 'OPTIONAL' as const },
    ];
    expect(compareSchemas(schema, after)).toEqual({
      fields: 3,
      changed: 2,
      parts: new Map([
        ['logical type', 1],
        ['name', 1],
        ['type', 1],
        ['repetition', 1],
        ['field id', 1],
      ]),
    });
  });

  test('is a field that is gone, where there are fewer', () => {
    const { changed, parts } = compareSchemas(schema, [group('root', 1), group('inner', 1), number]);
    expect([changed, ...parts]).toEqual([1, ['gone', 1]]);
  });
});

const timestamp = (isAdjustedToUTC: boolean): SchemaElement => ({
  name: 'at',
  type: 'INT64',
  converted_type: 'TIMESTAMP_MICROS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC, unit: 'MICROS' },
});

const decimal: SchemaElement = { name: 'price', type: 'INT32', converted_type: 'DECIMAL', scale: 2, precision: 9 };

test.each<[string, 'the same' | 'something else', SchemaElement, SchemaElement]>([
  ['a time stamp of UTC by its older annotation', 'the same', timestamp(true), withoutLogical(timestamp(true))],
  ['a local time stamp by its older annotation', 'something else', timestamp(false), withoutLogical(timestamp(false))],
  [
    'a decimal by its logical type',
    'the same',
    decimal,
    { ...decimal, logical_type: { type: 'DECIMAL', scale: 2, precision: 9 } },
  ],
  ['a decimal of another scale', 'something else', decimal, { ...decimal, scale: 4 }],
  [
    'a signed number that was unsigned',
    'something else',
    { ...number, converted_type: 'UINT_32' },
    { ...number, converted_type: 'INT_32' },
  ],
  ['a short number without its width', 'something else', { ...number, converted_type: 'INT_8' }, number],
])('%s means %s', (_, expected, before, after) => {
  expect(meaningOf(before) === meaningOf(after) ? 'the same' : 'something else').toBe(expected);
});

const session = (cpu: number) => ({
  cold: { time: 10 * cpu, cpu },
  warm: [{ time: cpu, cpu: cpu / 2 }],
  memory: 100,
});

test('who refused is told in the table of changes, and has no figures', () => {
  const measured = new Map<string, Measured>([
    ['Lakewarden', { all: [session(200)], bytes: 1e6, line: ['0 of 3'] }],
    ['DuckDB', { all: [session(100), session(300), session(800)], bytes: 2e6, line: ['3 of 3'] }],
    ['Spark', 'Illegal Parquet type'],
  ]);
  const rows = toRows('2 files', measured);
  expect(new Set(rows.map(({ against }) => against))).toEqual(new Set(['DuckDB']));
  expect(rows[0]).toMatchObject({ work: '2 files: processor time, with start', ours: 200, peer: 300, ratio: 1.5 });
  expect(toFigures('2 files', measured).lines[1]).toEqual(['DuckDB', '3,000', '300', '300', '150', '100', '2']);
  const { head, lines } = toChanges(
    '2 files',
    { row_groups: [], key_value_metadata: [] } as unknown as FileMetaData,
    measured,
  );
  expect(lines.at(-1)?.slice(0, 2)).toEqual(['Spark', 'refused: Illegal Parquet type']);
  expect(lines.at(-1)).toHaveLength(head.length);
});

describe('a session of a rewriter', () => {
  const run = (program: string, files = 2) =>
    measureSession({ command: [process.execPath, '-e', program], folder: tmpdir() }, 'a file', files);
  const ready = 'console.log(JSON.stringify({ pids: [process.pid] }));';

  test('tells what the first file took with the start, and what each further one took', async () => {
    const found = await run(`${ready} process.stdin.on('data', () => console.log('{}'));`, 3);
    expect(found.warm).toHaveLength(2);
    expect(found.memory).toBeGreaterThan(10);
  });

  test.each([
    [
      'refuses, by its own words',
      `${ready} process.stdin.once('data', () => console.log('{"error":"no such type"}'));`,
      'no such type',
    ],
    [
      'ends early, by the end of its log',
      `${ready} console.error('no disk'); process.exitCode = 1;`,
      'ended early: no disk',
    ],
  ])('that %s, fails', async (_, program, message) => {
    await expect(run(program)).rejects.toThrow(message);
  });
});
