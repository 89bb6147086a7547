import { type HiveTableBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { describeHiveGrant, grant, table } from './examples.ts';

/** No table is for everybody. */
export const publicGrants = defineRule<HiveTableBody>({
  id: 'hive-no-grants-to-public',
  version: 1,
  title: 'No privilege is given to the role public',
  why: 'Everybody has the role public, also whoever gets an account tomorrow.',
  area: 'identity',
  severity: 'high',
  kinds: [hiveKinds.table],
  remedy: 'REVOKE … FROM ROLE public, and grant it to the roles that need it.',
  triggers: ['hive/table'],
  judge({ name, body: { grants } }) {
    if (grants === undefined) return unknown(`the privileges on ${name} could not be read`);
    const open = grants.filter(({ type, principal }) => type === 'role' && principal.toLowerCase() === 'public');
    if (open.length === 0) return pass(`${name} is not for everybody`);
    const writes = open.some(({ privilege }) => privilege !== 'SELECT');
    const evidence = { grants: open.map(describeHiveGrant) };
    return fail(`everybody has privileges on ${name}`, evidence, { severity: writes ? 'critical' : 'high' });
  },
  examples: [
    { shows: 'a role', given: table({ grants: [grant('analysts', 'role')] }), status: 'pass' },
    { shows: 'everybody', given: table({ grants: [grant('public', 'role')] }), status: 'fail' },
    { shows: 'a user called public', given: table({ grants: [grant('public', 'user')] }), status: 'pass' },
    { shows: 'not told', given: { body: { ...table().body, grants: undefined } }, status: 'unknown' },
  ],
});
