import { z } from 'zod';
import { type HiveColumn, type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { table } from './examples.ts';

const parameters = z.strictObject({
  personalNames: z
    .array(z.string().min(1))
    .default([
      ...'email mail phone mobile ssn passport iban birthdate birthday dob firstname lastname surname fullname'.split(
        ' ',
      ),
      ...'address street postcode zip salary tax latitude longitude ip gender'.split(' '),
    ])
    .describe('words in names of columns that tell of a person'),
});

/** Columns about people are told as such. */
export const personalColumns = defineRule<HiveTableBody, typeof parameters>({
  id: 'hive-personal-columns-described',
  version: 1,
  title: 'Columns that look personal have a comment',
  why: 'Whoever must delete or hide the data of a person has to find it. A comment says what a column holds, and whether it is masked.',
  area: 'ownership',
  severity: 'low',
  kinds: [hiveKinds.table],
  remedy: 'ALTER TABLE … CHANGE COLUMN … COMMENT: say what it holds and whether it is personal.',
  triggers: ['hive/table'],
  parameters,
  judge({ name, body: { columns, partitionKeys } }, { parameters: { personalNames } }) {
    const personal = new Set(personalNames);
    const wrong = [...columns, ...partitionKeys].filter(
      (column) => (column.comment ?? '').trim() === '' && wordsOf(column).some((word) => personal.has(word)),
    );
    const names = wrong.map((column) => column.name);
    return wrong.length === 0
      ? pass(`no column of ${name} looks personal without a comment`)
      : fail(`columns of ${name} look personal and have no comment: ${names.slice(0, 10).join(', ')}`, {
          columns: names,
        });
  },
  examples: [
    {
      shows: 'a comment',
      given: table({ columns: [{ name: 'email', type: 'string', comment: 'hashed' }] }),
      status: 'pass',
    },
    {
      shows: 'a word inside another one',
      given: table({ columns: [{ name: 'shipment', type: 'string' }] }),
      status: 'pass',
    },
    { shows: 'none', given: table({ columns: [{ name: 'user_email', type: 'string' }] }), status: 'fail' },
    {
      shows: 'inside a struct',
      given: table({ columns: [{ name: 'u', type: 'struct<phone:string,id:int>' }] }),
      status: 'fail',
    },
  ],
});

/** Words of the name, and of the names of fields in a struct. */
function wordsOf({ name, type }: HiveColumn): string[] {
  const fields = type.startsWith('struct') || type.includes('<') ? type.matchAll(/([\w$]+):/g) : [];
  const names = [name, ...[...fields].map(([, field = '']) => field)];
  return names.flatMap((each) => [each.toLowerCase(), ...each.toLowerCase().split(/[^a-z]+/)]);
}
