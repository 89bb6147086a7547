import { bindingOf, clusterRoleOf } from './role-examples.ts';
import { defineRoleRule } from './role-rule.ts';

const readers = clusterRoleOf({ verbs: ['get', 'list'], apiGroups: [''], resources: ['secrets'] });

/** Nobody reads the secrets of every namespace. */
export const noWideSecretReaders = defineRoleRule({
  id: 'kubernetes-no-wide-secret-readers',
  title: 'Nobody reads the secrets of every namespace',
  why: 'They hold the passwords of metastore, Kafka and clouds, and tokens by which their reader becomes anybody else.',
  severity: 'high',
  controls: { 'cis-kubernetes-1.11': ['5.1.2'] },
  remedy: 'Bind the role by a RoleBinding in the namespaces where it is needed, or name the secrets in resourceNames.',
  powers: ['secrets'],
  narrow: false,
  examples: [
    {
      shows: 'in one namespace',
      given: readers,
      beside: [bindingOf({ kind: 'User', name: 'alice' }, 'reader', 'lake')],
      status: 'pass',
    },
    {
      shows: 'one secret by name',
      given: clusterRoleOf({ verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] }),
      status: 'pass',
    },
    {
      shows: 'everywhere',
      given: readers,
      beside: [bindingOf({ kind: 'ServiceAccount', name: 'ui', namespace: 'lake' })],
      status: 'fail',
    },
  ],
});
