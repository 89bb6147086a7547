import type { SecurityGroupBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { groupOf, letIn, portOf } from './examples.ts';
import { attachmentOf, interfaces } from './firewalls.ts';

/** Groups that guard nothing are removed before somebody uses them without reading them. */
export const noUnusedGroups = defineRule<SecurityGroupBody>({
  id: 'network-no-unused-groups',
  version: 1,
  title: 'Every security group guards something',
  why: 'Groups that are left over hide those that matter, and the next one who needs a group takes what is there, with all its holes.',
  area: 'network',
  severity: 'info',
  kinds: ['aws.SecurityGroup'],
  remedy: 'Delete the group, once no launch template or other group names it.',
  needs: [interfaces],
  judge(resource, look) {
    // The default group cannot be deleted.
    if (resource.body.isDefault) return [];
    return attachmentOf(resource, look) === 'nothing'
      ? fail(`${resource.name} guards nothing`, { group: resource.body.id })
      : pass(`${resource.name} is in use`);
  },
  examples: [
    { shows: 'a group of an instance', given: groupOf(letIn(['10.0.0.0/8'])), beside: [portOf()], status: 'pass' },
    { shows: 'a group of nothing', given: groupOf(letIn(['10.0.0.0/8'])), status: 'fail' },
  ],
});
