import { z } from 'zod';
import { kafkaKinds, type KafkaClusterBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { admins, isAmong } from '../principals.ts';
import { describeGrant } from './operations.ts';

const parameters = z.strictObject({ admins });
const strong: ReadonlySet<string> = new Set(['Alter', 'AlterConfigs', 'ClusterAction', 'Create']);
const given = (principal: string, ...operations: string[]) => ({
  body: { brokers: [1], access: { rules: 1, grants: [{ principal, host: '*', operations }] } },
});

/** Only administrators may change the cluster. */
export const clusterRights = defineRule<KafkaClusterBody, typeof parameters>({
  id: 'kafka-cluster-rights-for-admins',
  version: 1,
  title: 'Only administrators may change the cluster',
  why: 'Alter on the cluster lets a client write access rules, and so give itself everything. ClusterAction lets it act as a broker, AlterConfigs change brokers, Create make any topic.',
  area: 'identity',
  severity: 'high',
  kinds: [kafkaKinds.cluster],
  remedy:
    'Delete the rules on the cluster for others than administrators; Create on topics with a prefix is enough for most.',
  triggers: ['kafka/acl'],
  parameters,
  judge({ name, body: { access } }, { parameters: { admins: known } }) {
    if (access === undefined) return unknown(`the access rules for cluster ${name} could not be read`);
    const wrong = access.grants
      .filter(({ principal }) => !isAmong(principal, known))
      .map((grant) => ({ ...grant, operations: grant.operations.filter((operation) => strong.has(operation)) }))
      .filter(({ operations }) => operations.length > 0);
    if (wrong.length === 0) return pass(`only administrators may change cluster ${name}`);
    const severity = wrong.some(({ principal }) => principal === 'User:*' || principal === 'User:ANONYMOUS')
      ? 'critical'
      : 'high';
    const who = wrong.map(({ principal }) => principal).join(', ');
    return fail(`${who} may change cluster ${name}`, { grants: wrong.map(describeGrant) }, { severity });
  },
  examples: [
    { shows: 'an administrator', given: given('User:admin', 'Alter'), status: 'pass' },
    { shows: 'a client that may look', given: given('User:app', 'Describe', 'IdempotentWrite'), status: 'pass' },
    { shows: 'a client that may alter', given: given('User:app', 'Alter'), status: 'fail' },
  ],
});
