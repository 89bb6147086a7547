import { deploymentOf } from './pod-examples.ts';
import { definePodRule } from './pod-rule.ts';

/** Containers cannot write into their own image. */
export const readOnlyRoot = definePodRule({
  id: 'kubernetes-read-only-root',
  title: 'Containers have a read-only root file system',
  why: 'Whoever breaks into a container then cannot leave programs in it, nor change the one that runs.',
  severity: 'low',
  remedy: 'Set securityContext.readOnlyRootFilesystem to true, and mount an emptyDir where the program writes.',
  fine: 'no container can write into its image',
  repairs: { 'securityContext.readOnlyRootFilesystem': true },
  container: ({ name, role, securityContext }, { addedOnly }) =>
    addedOnly || securityContext?.readOnlyRootFilesystem === true
      ? undefined
      : `${role} ${name} can write into its image`,
  examples: [
    { shows: 'read only', given: deploymentOf({ securityContext: { readOnlyRootFilesystem: true } }), status: 'pass' },
    { shows: 'nothing said', given: deploymentOf({}), status: 'fail' },
  ],
});
