import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';
import { portsOf, type Service } from './service.ts';

/** No Service catches the traffic of addresses that it names itself (CVE-2020-8554). */
export const noExternalIps = defineRule<KubernetesObject>({
  id: 'kubernetes-no-external-ips',
  version: 1,
  title: 'No Service takes addresses by externalIPs',
  why: 'Whoever may write externalIPs catches traffic that pods send to these addresses, and opens the Service on nodes that have them (CVE-2020-8554).',
  area: 'network',
  severity: 'high',
  kinds: ['kubernetes.Service'],
  remedy: 'Remove spec.externalIPs; use a LoadBalancer, and the admission plugin DenyServiceExternalIPs.',
  judge(resource) {
    const { spec } = resource.body as Service;
    const name = nameResource(resource);
    const taken = (spec?.externalIPs ?? []).toSorted();
    if (spec === undefined || taken.length === 0)
      return { status: 'pass', reason: `${name} takes no external addresses` };
    return {
      status: 'fail',
      reason: `${name} takes addresses ${taken.join(', ')}`,
      evidence: { externalIPs: taken, ports: portsOf(spec) },
    };
  },
  examples: [
    {
      shows: 'an address',
      given: objectOf('kubernetes.Service', 'ui', { spec: { externalIPs: ['203.0.113.7'] } }, 'lake'),
      status: 'fail',
    },
    {
      shows: 'none',
      given: objectOf('kubernetes.Service', 'ui', { spec: { type: 'ClusterIP' } }, 'lake'),
      status: 'pass',
    },
  ],
});
