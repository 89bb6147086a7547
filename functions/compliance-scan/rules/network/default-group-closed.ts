import type { SecurityGroupBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { letIn } from './examples.ts';
import { attachmentOf, behind, interfaces } from './firewalls.ts';

const groupOf = (isDefault: boolean, ...rules: SecurityGroupBody['rules']) => ({
  name: 'default',
  body: { id: 'sg-1', description: '', network: 'vpc-1', isDefault, rules },
});

/** What names no group lands in the default one, which must let nothing through. */
export const defaultGroupClosed = defineRule<SecurityGroupBody>({
  id: 'network-default-group-closed',
  version: 1,
  title: 'The default group of a network lets nothing through',
  why: 'Whatever is started without a group lands in the default one and may talk to everything else there, without anybody having decided it.',
  area: 'network',
  severity: 'medium',
  kinds: ['aws.SecurityGroup', 'openstack.SecurityGroup'],
  controls: { 'cis-aws-3.0': ['5.4'] },
  remedy: 'Remove all rules of the default group, and give things groups of their own.',
  needs: [interfaces],
  judge(resource, look) {
    const { name, body } = resource;
    if (!body.isDefault) return [];
    if (body.rules.length === 0) return pass(`${name} of ${body.network} lets nothing through`);
    const attachment = attachmentOf(resource, look);
    const evidence = { rules: body.rules.length, network: body.network, attached: attachment };
    const reason = `${name} of ${body.network} has ${body.rules.length} rules${behind[attachment]}`;
    return fail(reason, evidence, attachment === 'nothing' ? { severity: 'low' } : {});
  },
  examples: [
    { shows: 'no rules', given: groupOf(true), status: 'pass' },
    {
      shows: 'members that reach each other',
      given: groupOf(true, letIn([], undefined, { groups: ['self'] })),
      status: 'fail',
    },
  ],
});
