import { kafkaKinds, type KafkaAclBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';

const rule = { name: '*', pattern: 'literal', host: '*', permission: 'allow', denied: false } as const;
const guarded: ReadonlySet<string> = new Set(['group', 'transactional-id', 'delegation-token']);

/** Nobody can disturb the consumers and writers of others. */
export const openGroups = defineRule<KafkaAclBody>({
  id: 'kafka-no-group-for-everybody',
  version: 1,
  title: 'Groups and transactional ids are not for everybody',
  why: 'Who may read as a group can take its partitions and move its positions: records are skipped. Who may write as a transactional id can fence its writer off.',
  area: 'identity',
  severity: 'medium',
  kinds: [kafkaKinds.acl],
  remedy: 'Give each client rules for groups and transactional ids that begin with its own name.',
  judge({ name: title, body: { target, name, principal, permission, operation, denied } }) {
    if (!guarded.has(target) || permission === 'deny' || operation === 'Describe') return [];
    if (denied) return pass(`denials leave nothing of: ${title}`);
    return principal === 'User:*' || principal === 'User:ANONYMOUS'
      ? fail(`${principal} may ${operation} as ${target} ${name}`, { principal, operation, [target]: name })
      : pass(`${target} ${name} is for ${principal}`);
  },
  examples: [
    {
      shows: 'an own group',
      given: { body: { ...rule, target: 'group', principal: 'User:a', operation: 'Read' } },
      status: 'pass',
    },
    {
      shows: 'all groups for all',
      given: { body: { ...rule, target: 'group', principal: 'User:*', operation: 'Read' } },
      status: 'fail',
    },
  ],
});
