import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { consoleOf } from './consoles.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';
import { portsOf, type Service } from './service.ts';

interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly defaultBackend?: Backend;
    readonly rules?: readonly {
      readonly host?: string;
      readonly http?: { readonly paths?: readonly { readonly backend?: Backend }[] };
    }[];
  };
}

interface Backend {
  readonly service?: { readonly name?: string };
}

/** Annotations by which a controller asks for a login before it lets anybody through. */
const logins =
  /(?:auth-url|auth-type|auth-signin|auth-tls-secret|auth-tls-verify-client|oauth2|oidc|auth-idp|middlewares|forward-?auth|whitelist-source-range|allowlist-source-range)/i;

const routes: Need<{ readonly ingress: string; readonly login: boolean }> = {
  kind: 'kubernetes.Ingress',
  within: 'namespace',
  keys: ({ body, place }) => {
    const { spec } = body as Ingress;
    const backends = [
      spec?.defaultBackend,
      ...(spec?.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend)),
    ];
    const names = backends.map((backend) => backend?.service?.name).filter((name) => name !== undefined);
    return [...new Set(names)].map((name) => `${place['namespace'] ?? ''}/${name}`);
  },
  fact: ({ name, body }) => ({
    ingress: name,
    login: Object.keys((body as Ingress).metadata.annotations ?? {}).some((key) => logins.test(key)),
  }),
};

/** No console of the lake is shown outside the cluster without a login in front of it. */
export const noExposedConsoles = defineRule<KubernetesObject>({
  id: 'kubernetes-no-exposed-consoles',
  version: 1,
  title: "The lake's consoles are not shown outside the cluster without a login",
  why: 'Notebooks, Spark, Airflow, Flink and HDFS run code or give data to whoever reaches their port; they were made for closed networks.',
  area: 'network',
  severity: 'high',
  kinds: ['kubernetes.Service'],
  remedy: 'Make the Service a ClusterIP, and put an Ingress with TLS and a login (oauth2-proxy, auth-url) before it.',
  needs: [routes],
  trim: ({ body, ...resource }) => ({
    ...resource,
    body: {
      apiVersion: body.apiVersion,
      kind: body.kind,
      metadata: { name: resource.name },
      spec: trimService((body as Service).spec),
    },
  }),
  judge(resource, look) {
    const spec = (resource.body as Service).spec ?? {};
    const name = nameResource(resource);
    const found = consoleOf(resource.name, spec);
    if (found === undefined) return { status: 'pass', reason: `${name} is no console of the lake that we know` };
    const ports = portsOf(spec);
    if (spec.type === 'LoadBalancer' || spec.type === 'NodePort')
      return {
        status: 'fail',
        reason: `${name} shows ${found.name} outside the cluster by type ${spec.type}`,
        evidence: { console: found.name, ports },
      };
    const ways = look.related(routes, `${resource.place['namespace'] ?? ''}/${resource.name}`);
    const open = ways
      .filter(({ login }) => !login)
      .map(({ ingress }) => ingress)
      .toSorted();
    if (open.length === 0)
      return { status: 'pass', reason: `${name} shows ${found.name} to nobody outside the cluster without a login` };
    return {
      status: 'fail',
      severity: 'medium',
      reason: `${name} shows ${found.name} by Ingress ${open.join(', ')}, which asks for no login`,
      evidence: { console: found.name, ports, ingresses: open },
    };
  },
  examples: [
    { shows: 'a notebook on every node', given: serviceOf('jupyter', 'NodePort'), status: 'fail' },
    { shows: 'a notebook inside', given: serviceOf('jupyter', 'ClusterIP'), status: 'pass' },
    {
      shows: 'Airflow behind an Ingress',
      given: serviceOf('airflow', 'ClusterIP'),
      beside: [ingressTo('airflow')],
      status: 'fail',
    },
    {
      shows: 'Airflow behind a login',
      given: serviceOf('airflow', 'ClusterIP'),
      beside: [ingressTo('airflow', { 'nginx.ingress.kubernetes.io/auth-url': 'https://login.example.com' })],
      status: 'pass',
    },
  ],
});

function trimService(spec: Service['spec'] | null): NonNullable<Service['spec']> {
  const { type, ports, selector } = spec ?? {};
  return {
    ...(type === undefined ? {} : { type }),
    ...(ports === undefined ? {} : { ports }),
    ...(selector === undefined ? {} : { selector }),
  };
}

function serviceOf(name: string, type: string) {
  return objectOf('kubernetes.Service', name, { spec: { type, ports: [{ port: 8080 }] } }, 'lake');
}

function ingressTo(name: string, annotations: Record<string, string> = {}) {
  const rules = [{ host: 'x.example.com', http: { paths: [{ backend: { service: { name } } }] } }];
  return objectOf('kubernetes.Ingress', name, { metadata: { annotations }, spec: { rules } }, 'lake');
}
