import { z } from 'zod';
import { kafkaKinds, type KafkaAclBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { admins, isAmong } from '../principals.ts';
import { writes } from './operations.ts';

const parameters = z.strictObject({ admins });
const rule = { target: 'topic', name: 'raw', pattern: 'literal', permission: 'allow', denied: false } as const;

/** Who may write, may do so from known hosts. */
export const writeHosts = defineRule<KafkaAclBody, typeof parameters>({
  id: 'kafka-writers-from-known-hosts',
  version: 1,
  title: 'Writers of topics come from known hosts',
  why: 'A stolen password of a writer is worth less where it works from its own hosts only. Where hosts change all the time, as in Kubernetes, switch this rule off.',
  area: 'identity',
  severity: 'low',
  kinds: [kafkaKinds.acl],
  remedy: 'Replace the rule for host * by rules for the hosts that the writer runs on.',
  parameters,
  judge({ name, body }, { parameters: { admins: known } }) {
    const { target, host, operation, permission, principal, denied } = body;
    if (target !== 'topic' || permission === 'deny' || !writes(operation)) return [];
    if (denied) return pass(`denials leave nothing of: ${name}`);
    if (host !== '*') return pass(`${principal} may ${operation} from ${host} only`);
    if (isAmong(principal, known)) return pass(`${principal} is an administrator`);
    return fail(`${principal} may ${operation} from every host`, { principal, operation, host });
  },
  examples: [
    {
      shows: 'a known host',
      given: { body: { ...rule, principal: 'User:a', host: '10.0.0.1', operation: 'Write' } },
      status: 'pass',
    },
    {
      shows: 'any host',
      given: { body: { ...rule, principal: 'User:a', host: '*', operation: 'Write' } },
      status: 'fail',
    },
    {
      shows: 'an administrator',
      given: { body: { ...rule, principal: 'User:admin', host: '*', operation: 'All' } },
      status: 'pass',
    },
  ],
});
