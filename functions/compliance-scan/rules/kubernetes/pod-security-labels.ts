import { z } from 'zod';
import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { labelOf } from '../../model/resource.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { matchesAny } from './pattern.ts';
import { objectOf } from './pod-examples.ts';
import { podParameters } from './pod-rule.ts';

const enforce = 'pod-security.kubernetes.io/enforce';
const parameters = podParameters.extend({
  levels: z
    .array(z.enum(['privileged', 'baseline', 'restricted']))
    .default(['baseline', 'restricted'])
    .describe('levels of Pod Security that are enough'),
});

/** The API server itself refuses dangerous pods in every namespace: Pod Security Admission. */
export const podSecurityLabels = defineRule<KubernetesObject, typeof parameters>({
  id: 'kubernetes-pod-security-labels',
  version: 1,
  title: 'Every namespace enforces a level of Pod Security',
  why: 'Without the label the API server takes privileged pods in the namespace from everybody who may make pods there.',
  area: 'workload',
  severity: 'medium',
  kinds: ['kubernetes.Namespace'],
  controls: { 'cis-kubernetes-1.11': ['5.2.1'] },
  remedy: `Label the namespace ${enforce}=restricted, or baseline where that is too strict.`,
  parameters,
  judge(resource, look) {
    const name = nameResource(resource);
    const { levels, systemNamespaces } = look.parameters;
    const level = labelOf(resource, enforce);
    if (level !== undefined && levels.some((enough) => enough === level))
      return { status: 'pass', reason: `${name} enforces ${level}` };
    const severity = matchesAny(resource.name, systemNamespaces) ? 'info' : 'medium';
    const says = level === undefined ? 'enforces no level of Pod Security' : `enforces Pod Security ${level}`;
    return { status: 'fail', severity, reason: `${name} ${says}` };
  },
  examples: [
    {
      shows: 'restricted',
      given: objectOf('kubernetes.Namespace', 'lake', { metadata: { labels: { [enforce]: 'restricted' } } }),
      status: 'pass',
    },
    {
      shows: 'privileged',
      given: objectOf('kubernetes.Namespace', 'lake', { metadata: { labels: { [enforce]: 'privileged' } } }),
      status: 'fail',
    },
    { shows: 'no label', given: objectOf('kubernetes.Namespace', 'lake', {}), status: 'fail' },
  ],
});
