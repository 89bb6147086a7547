import { bindingOf, clusterRoleOf } from './role-examples.ts';
import { defineRoleRule } from './role-rule.ts';

const everything = clusterRoleOf({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });

/** Roles name what they allow. */
export const noWildcardRoles = defineRoleRule({
  id: 'kubernetes-no-wildcard-roles',
  title: 'Roles name the verbs and resources that they allow',
  why: 'A star allows whatever is added to the cluster later, secrets and rights to give rights included.',
  severity: 'critical',
  controls: { 'cis-kubernetes-1.11': ['5.1.3'] },
  remedy: 'Replace the stars in rules by the verbs, groups and resources that are used.',
  powers: ['everything', 'any-verb'],
  examples: [
    {
      shows: 'named rights',
      given: clusterRoleOf({ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] }),
      status: 'pass',
    },
    { shows: 'everything, and nobody has it', given: everything, status: 'fail' },
    {
      shows: 'everything, for a human',
      given: everything,
      beside: [bindingOf({ kind: 'User', name: 'alice' })],
      status: 'fail',
    },
  ],
});
