import { bindingOf, clusterRoleOf } from './role-examples.ts';
import { defineRoleRule } from './role-rule.ts';

/** No role lets its holders become more than they are. */
export const noEscalatingRoles = defineRoleRule({
  id: 'kubernetes-no-escalating-roles',
  title: 'No role lets its holders give themselves more rights',
  why: 'escalate, bind, impersonate, tokens of service accounts, approved certificates and the proxy of nodes each lead to all rights.',
  severity: 'high',
  controls: { 'cis-kubernetes-1.11': ['5.1.8', '5.1.10', '5.1.11', '5.1.13'] },
  remedy: 'Remove these verbs and resources from the role, or name in resourceNames what they are needed for.',
  powers: ['escalate'],
  examples: [
    {
      shows: 'reading roles',
      given: clusterRoleOf({ verbs: ['get'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] }),
      status: 'pass',
    },
    {
      shows: 'escalate',
      given: clusterRoleOf({
        verbs: ['escalate'],
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles'],
      }),
      status: 'fail',
    },
    {
      shows: 'tokens of service accounts',
      given: clusterRoleOf({ verbs: ['create'], apiGroups: [''], resources: ['serviceaccounts/token'] }),
      beside: [bindingOf({ kind: 'Group', name: 'analysts' })],
      status: 'fail',
    },
  ],
});
