import { z } from 'zod';
import { type HiveDatabaseBody, type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { table } from './examples.ts';

const parameters = z.strictObject({ services });

/** Tables and databases belong to roles or programs. */
export const owned = defineRule<HiveTableBody | HiveDatabaseBody, typeof parameters>({
  id: 'hive-owned-by-role',
  version: 1,
  title: 'Tables and databases belong to a role or a program',
  why: 'The owner may drop and alter, and give rights to others. A person as the owner leaves one day; a table without an owner has nobody who answers for it.',
  area: 'ownership',
  severity: 'medium',
  kinds: [hiveKinds.table, hiveKinds.database],
  remedy:
    'ALTER TABLE or ALTER DATABASE … SET OWNER ROLE …; name programs among the services in the settings of the scan.',
  triggers: ['hive/table', 'hive/database'],
  parameters,
  judge({ name, body: { owner, ownerType } }, { parameters: { services: known } }) {
    if (owner.trim() === '') return fail(`${name} has no owner`, { owner: '' });
    if (ownerType !== 'user') return pass(`${name} belongs to ${ownerType} ${owner}`);
    return isAmong(owner, known)
      ? pass(`${name} belongs to ${owner}`)
      : fail(`${name} belongs to ${owner}, who is no known program`, { owner, ownerType });
  },
  examples: [
    { shows: 'a role', given: table({ owner: 'analysts', ownerType: 'role' }), status: 'pass' },
    { shows: 'a program', given: table(), status: 'pass' },
    { shows: 'a person', given: table({ owner: 'alice' }), status: 'fail' },
    { shows: 'nobody', given: table({ owner: ' ' }), status: 'fail' },
    {
      shows: 'a database of a person',
      given: { kind: hiveKinds.database, body: { owner: 'bob', ownerType: 'user' } },
      status: 'fail',
    },
  ],
});
