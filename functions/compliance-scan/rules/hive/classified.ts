import { z } from 'zod';
import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { labelOf } from '../../model/resource.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { table } from './examples.ts';

const parameters = z.strictObject({
  property: z.string().min(1).default('classification').describe('table property that says how secret the data is'),
  classes: z
    .array(z.string())
    .default(['public', 'internal', 'confidential', 'restricted'])
    .describe('what it may say; empty for anything'),
});

/** Each table says how secret it is. */
export const classified = defineRule<HiveTableBody, typeof parameters>({
  id: 'hive-classified',
  version: 1,
  title: 'Tables say how secret their data is',
  why: 'Nobody can guard what nobody has rated. A property in other letters is not found by those who look for it: names of table properties know case.',
  area: 'ownership',
  severity: 'medium',
  kinds: [hiveKinds.table],
  remedy: "ALTER TABLE … SET TBLPROPERTIES ('classification'='…').",
  triggers: ['hive/table'],
  parameters,
  judge(resource, { parameters: { property, classes } }) {
    const { name, labels = {} } = resource;
    const value = labelOf(resource, property);
    if (value === undefined) {
      const near = Object.keys(labels).find((key) => key.toLowerCase() === property.toLowerCase());
      return near === undefined
        ? fail(`${name} has no property ${property}`, { [property]: null })
        : fail(`${name} has ${near} where ${property} is looked for`, { [near]: labels[near] ?? '' });
    }
    return value.trim() !== '' && (classes.length === 0 || classes.includes(value))
      ? pass(`${name} is ${value}`)
      : fail(`${name} says ${JSON.stringify(value)}, which is no class`, { [property]: value });
  },
  examples: [
    { shows: 'a class', given: table({}, { classification: 'internal' }), status: 'pass' },
    { shows: 'none', given: table(), status: 'fail' },
    { shows: 'other letters', given: table({}, { Classification: 'internal' }), status: 'fail' },
    { shows: 'no class', given: table({}, { classification: 'todo' }), status: 'fail' },
    { shows: 'nothing', given: table({}, { classification: ' ' }), status: 'fail' },
  ],
});
