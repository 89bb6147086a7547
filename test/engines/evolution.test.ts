import { describe, expect, test } from '@jest/globals';
import { allowedChanges, refusedChanges } from '../support/evolution-cases.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';
import { summonJury } from './jury.ts';

const lake = useSyncLake();
const jury = summonJury(lake);

const ten = (first: number): number[] => Array.from({ length: 10 }, (_, index) => first + index);
const [olds, youngs, lates, nulls] = [ten(1), ten(101), ten(201), [11, 111]];

/** Writes an hour of ten rows with this value and one without any, and lets metastore-sync look at the topic. */
async function write(topic: string, hour: string, type: string, value: unknown, first: number) {
  const rows = [...ten(first).map((id) => ({ id, c: value })), { id: first + 10 }];
  await lake.put(`${topic}/2019/09/01/${hour}/data.parquet`, parquetBytes({ id: 'int', c: type }, rows));
  return await lake.apply({ kind: 'full', topics: [topic] });
}

/** Every engine must find these rows, by filter. */
async function expectFound(table: string, expected: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const unanimous = Object.entries(expected).map(([filter, ids]) => [filter, jury.agree(ids)]);
  expect(await jury.find(table, Object.keys(expected))).toEqual(Object.fromEntries(unanimous));
}

describe('what metastore-sync changes by itself, every engine answers rightly, old and new partitions together', () => {
  test.each(allowedChanges)(
    '$before to $after',
    async ({ name, before, after, old, young, ask, answers, filtered }) => {
      await write(name, '00', before, old, 1);
      expect(problemsOf(await write(name, '01', after, young, 101))).toEqual([]);

      expect(await jury.ask(`SELECT hour, ${ask} AS answer FROM DB.${name} WHERE id = 1 OR id = 101`)).toEqual(
        jury.agree(
          expect.arrayContaining([
            { hour: '00', answer: answers[0] },
            { hour: '01', answer: answers[1] },
          ]),
        ),
      );
      const both = [...olds, ...youngs];
      await expectFound(name, {
        [`${filtered.on} = ${filtered.old}`]: olds,
        [`${filtered.on} = ${filtered.young}`]: youngs,
        [`${filtered.on} > ${filtered.old}`]: youngs,
        [`${filtered.on} < ${filtered.young}`]: olds,
        [`${filtered.on} > ${filtered.young}`]: [],
        [`${filtered.on} BETWEEN ${filtered.old} AND ${filtered.young}`]: both,
        [`${filtered.on} IN (${filtered.old}, ${filtered.young}) AND hour >= '00'`]: both,
        [`${filtered.on} IS NULL`]: nulls,
      });
      // The same by a job with an aggregate: Hive's vectorized way, where the others were plain fetches.
      const sums = `SELECT count(${filtered.on}) AS rows_met, min(id) AS first, max(id) AS last FROM DB.${name}`;
      expect(await jury.ask(`${sums} WHERE ${filtered.on} BETWEEN ${filtered.old} AND ${filtered.young}`)).toEqual(
        jury.agree([{ rows_met: expect.anything(), first: 1, last: 110 }]),
      );
    },
  );
});

describe('what metastore-sync refuses leaves a table that every engine answers rightly', () => {
  test.each(refusedChanges)('%s to %s', async (before, after, old, young, _, filter) => {
    const name = `refused_${before}_${after}`.replaceAll(/[^a-z0-9]+/g, '_').replace(/_$/, '');
    await write(name, '00', before, old, 1);
    await write(name, '01', after, young, 101);
    await write(name, '02', before, old, 201);
    await expectFound(name, {
      [filter]: [...olds, ...lates],
      [`NOT (${filter})`]: [],
      'c IS NULL': [11, 211],
      'id > 0': [...olds, 11, ...lates, 211],
    });
  });
});
