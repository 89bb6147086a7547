import { z } from 'zod';
import { kafkaKinds, type KafkaBrokerBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isPerson, people, services } from '../principals.ts';

const parameters = z.strictObject({ people, services });

/** Super users are programs with a name. */
export const superUsers = defineRule<KafkaBrokerBody, typeof parameters>({
  id: 'kafka-no-human-super-users',
  version: 1,
  title: 'Super users are neither people nor nameless',
  why: 'No access rule binds a super user, not even a denial. A person among them works past every rule and every review; User:ANONYMOUS among them makes all clients without a name super users.',
  area: 'identity',
  severity: 'high',
  kinds: [kafkaKinds.broker],
  remedy: 'Take people and User:ANONYMOUS out of super.users; give them access rules, or an emergency account.',
  triggers: ['kafka/config'],
  parameters,
  judge({ name, body: { superUsers: users } }, { parameters: lists }) {
    if (users === undefined)
      return unknown(`${name} has super.users in its settings and hides them; state them in the scan's settings`);
    const open = users.filter((user) => user === 'User:ANONYMOUS' || user === 'User:*');
    const wrong = [...open, ...users.filter((user) => isPerson(user, lists))];
    if (wrong.length === 0) return pass(`${name} has no person among its super users`);
    const severity = open.length > 0 ? 'critical' : 'high';
    return fail(`${name} has ${wrong.join(', ')} among its super users`, { 'super.users': wrong }, { severity });
  },
  examples: [
    { shows: 'a service', given: { body: { superUsers: ['User:kafka'] } }, status: 'pass' },
    { shows: 'a certificate of a broker', given: { body: { superUsers: ['User:CN=broker-1'] } }, status: 'pass' },
    { shows: 'a person', given: { body: { superUsers: ['User:ann@example.org', 'User:kafka'] } }, status: 'fail' },
    { shows: 'everybody without a name', given: { body: { superUsers: ['User:ANONYMOUS'] } }, status: 'fail' },
    { shows: 'hidden ones', given: { body: {} }, status: 'unknown' },
  ],
});
