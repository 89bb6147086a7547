import { bindingOf, clusterRoleOf } from './role-examples.ts';
import { defineRoleRule } from './role-rule.ts';

const runners = clusterRoleOf({ verbs: ['create'], apiGroups: [''], resources: ['pods/exec'] });

/** Nobody runs commands in the pods of every namespace. */
export const noWideExec = defineRoleRule({
  id: 'kubernetes-no-wide-exec',
  title: 'Nobody runs commands in the pods of every namespace',
  why: 'Whoever can run a command in a pod has all that the pod has: its tokens, its keys and its data.',
  severity: 'high',
  remedy: 'Bind the role by a RoleBinding in the namespaces where it is needed.',
  powers: ['exec'],
  narrow: false,
  examples: [
    {
      shows: 'in one namespace',
      given: runners,
      beside: [bindingOf({ kind: 'User', name: 'alice' }, 'reader', 'lake')],
      status: 'pass',
    },
    { shows: 'everywhere', given: runners, beside: [bindingOf({ kind: 'User', name: 'alice' })], status: 'fail' },
  ],
});
