import { z } from 'zod';
import { exposureOf, isOpen } from '../../address/exposure.ts';
import { type Firewall, reachOf } from '../../address/firewall.ts';
import type { InstanceBody, LoadBalancerBody, SecurityGroupBody } from '../../inventory/aws/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import { defineRule, type Look, type Need } from '../../model/rule.ts';
import type { Judgement } from '../../model/verdict.ts';
import { fail, pass } from '../judgement.ts';
import { letIn } from '../network/examples.ts';
import { scaleOf, scaleParameters } from '../network/firewalls.ts';
import { lakeServices, type Service, serviceSchema } from '../network/services.ts';
import { balancerOf } from './balancers.ts';

/** The services of the lake that no load balancer for the internet has a reason to reach: web pages are left out. */
const dataServices = lakeServices.filter(({ name }) => !/^(?:airflow|jupyter|schema-registry)/u.test(name));

const parameters = z.strictObject({
  ...scaleParameters,
  services: z
    .array(serviceSchema)
    .default([...dataServices])
    .describe('services that the internet must not reach by way of a load balancer'),
});

type Door = Pick<LoadBalancerBody, 'listeners'> & { readonly name: string };

const doors: Need<Door> = {
  kind: 'aws.LoadBalancer',
  fact: ({ name, body }) => {
    const { isPublic, listeners } = body as LoadBalancerBody;
    return isPublic ? { name, listeners } : undefined;
  },
  keys: ({ body }) => (body as LoadBalancerBody).groups,
};

interface Group extends Firewall {
  readonly id: string;
  readonly name: string;
}

const groups: Need<Group> = {
  kind: 'aws.SecurityGroup',
  fact: ({ name, body }) => {
    const { id, rules } = body as SecurityGroupBody;
    return { id, name, rules: rules.filter(({ direction }) => direction === 'ingress') };
  },
  keys: ({ body }) => [(body as SecurityGroupBody).id],
};

interface Path {
  readonly balancer: string;
  readonly listens: readonly number[];
  readonly by: string;
  readonly into: string;
  readonly ports: readonly number[];
}

/** No way leads from the internet through a load balancer's group into a group of an instance on a port of the lake. */
export const noPathToLake = defineRule<InstanceBody, typeof parameters>({
  id: 'aws-no-path-to-lake',
  version: 1,
  title: 'No load balancer opens a way from the internet to brokers, name nodes and databases',
  why: 'Each group looks closed by itself: the one of the machine lets in a group only. But that group belongs to a load balancer that faces the internet, so one wrong target makes the service public.',
  area: 'network',
  severity: 'medium',
  kinds: ['aws.Instance'],
  remedy:
    'Let the load balancer of the internet reach only machines made for it, and the data services only groups of the lake.',
  triggers: ['aws/ModifyManagedPrefixList'],
  needs: [doors, groups],
  parameters,
  judge(resource, look) {
    const judgements = look.parameters.services.flatMap((service): Judgement[] => {
      const path = findPath(resource, service, look);
      if (path === undefined) return [];
      const { balancer, listens, by, into, ports } = path;
      const reason = `the internet reaches load balancer ${balancer} on port ${listens.join(', ')}, and its group ${by} may reach ${service.name} on ${resource.name} through ${into}`;
      const evidence = {
        path: [
          `aws.LoadBalancer ${balancer}`,
          ...[by, into].map((group) => `aws.SecurityGroup ${group}`),
          `aws.Instance ${resource.name}`,
        ],
        ports: [...ports],
      };
      return [fail(reason, evidence, { part: service.name, exposure: 'world' })];
    });
    return judgements.length > 0 ? judgements : pass(`no load balancer opens a way to ${resource.name}`);
  },
  examples: [
    {
      shows: 'a broker that lets in the group of a public load balancer',
      given: instanceIn('sg-2'),
      beside: [
        balancerOf([{}]),
        groupOf('sg-1', letIn(['0.0.0.0/0'], 443)),
        groupOf('sg-2', letIn([], 9092, { groups: ['sg-1'] })),
      ],
      status: 'fail',
    },
    {
      shows: 'the load balancer lets in an office only',
      given: instanceIn('sg-2'),
      beside: [
        balancerOf([{}]),
        groupOf('sg-1', letIn(['8.8.8.0/24'], 443)),
        groupOf('sg-2', letIn([], 9092, { groups: ['sg-1'] })),
      ],
      status: 'pass',
    },
    {
      shows: 'it may reach a web page only',
      given: instanceIn('sg-2'),
      beside: [
        balancerOf([{}]),
        groupOf('sg-1', letIn(['0.0.0.0/0'], 443)),
        groupOf('sg-2', letIn([], 8443, { groups: ['sg-1'] })),
      ],
      status: 'pass',
    },
  ],
});

function findPath(
  { body }: Resource<InstanceBody>,
  service: Service,
  look: Look<z.output<typeof parameters>>,
): Path | undefined {
  for (const into of body.groups.flatMap((id) => look.related(groups, id))) {
    const ports = service.ports.filter((port) => reachOf(into, 'ingress', service.protocol, port).groups.length > 0);
    const from = [...new Set(ports.flatMap((port) => reachOf(into, 'ingress', service.protocol, port).groups))];
    for (const id of from.map((named) => (named === 'self' ? into.id : named)).toSorted())
      for (const by of look.related(groups, id))
        for (const { name, listeners } of look.related(doors, id)) {
          const listens = listeners
            .filter(({ port, protocol }) => isReached(by, port, protocol, look.parameters))
            .map(({ port }) => port);
          if (listens.length > 0) return { balancer: name, listens, by: by.name, into: into.name, ports };
        }
  }
  return undefined;
}

function isReached(group: Group, port: number, protocol: string, given: z.output<typeof parameters>): boolean {
  const { least } = reachOf(group, 'ingress', protocol === 'UDP' ? 'udp' : 'tcp', port);
  return isOpen(exposureOf(least, scaleOf(given)));
}

function instanceIn(...ids: readonly string[]) {
  const body = {
    state: 'running',
    image: 'ami-1',
    network: 'vpc-1',
    groups: ids,
    publicAddresses: [],
    metadata: 'required',
    hasRole: false,
  };
  return { name: 'kafka-1', body };
}

function groupOf(id: string, ...rules: SecurityGroupBody['rules']) {
  return {
    kind: 'aws.SecurityGroup',
    name: id,
    body: { id, description: '', network: 'vpc-1', isDefault: false, rules },
  };
}
