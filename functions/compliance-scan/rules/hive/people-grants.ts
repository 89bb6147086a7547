import { z } from 'zod';
import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isAmong, services } from '../principals.ts';
import { describeHiveGrant, grant, table } from './examples.ts';

const parameters = z.strictObject({ services });

/** Privileges are given to roles. */
export const peopleGrants = defineRule<HiveTableBody, typeof parameters>({
  id: 'hive-grants-to-roles',
  version: 1,
  title: 'Privileges are given to roles and programs, not to people',
  why: 'What was given to one person stays when that person changes teams, and nobody sees it in the list of a role. What an owner has by being the owner does not count.',
  area: 'identity',
  severity: 'low',
  kinds: [hiveKinds.table],
  remedy: 'GRANT … TO ROLE, put the person into the role, and REVOKE … FROM USER.',
  triggers: ['hive/table'],
  parameters,
  judge({ name, body: { grants, owner } }, { parameters: { services: known } }) {
    if (grants === undefined) return unknown(`the privileges on ${name} could not be read`);
    const wrong = grants.filter(
      ({ type, principal }) => type === 'user' && principal !== owner && !isAmong(principal, known),
    );
    if (wrong.length === 0) return pass(`no person has privileges on ${name} by name`);
    const who = [...new Set(wrong.map(({ principal }) => principal))].join(', ');
    const severity = wrong.some(({ withGrant, privilege }) => withGrant || privilege !== 'SELECT') ? 'medium' : 'low';
    return fail(`${who} has privileges on ${name} by name`, { grants: wrong.map(describeHiveGrant) }, { severity });
  },
  examples: [
    { shows: 'a role', given: table({ grants: [grant('analysts', 'role')] }), status: 'pass' },
    { shows: 'the owner', given: table({ owner: 'ann', grants: [grant('ann', 'user', 'INSERT')] }), status: 'pass' },
    { shows: 'a person', given: table({ grants: [grant('alice', 'user')] }), status: 'fail' },
  ],
});
