import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
    readonly rules?: readonly { readonly host?: string }[];
    readonly defaultBackend?: unknown;
  };
}

/** By which clouds' own controllers take a certificate from elsewhere. */
const certificates =
  /^(?:alb\.ingress\.kubernetes\.io\/certificate-arn|networking\.gke\.io\/(?:managed-certificates|certmap)|ingress\.gcp\.kubernetes\.io\/pre-shared-cert|appgw\.ingress\.kubernetes\.io\/appgw-ssl-certificate)$/;

/** Every host of an Ingress is served with TLS: the hosts of `tls` must cover those of the rules. */
export const ingressTls = defineRule<KubernetesObject>({
  id: 'kubernetes-ingress-tls',
  version: 1,
  title: 'Every host of an Ingress has TLS',
  why: 'Without TLS passwords, tokens and query results pass in the clear. A certificate for another host helps as little as none.',
  area: 'encryption',
  severity: 'high',
  kinds: ['kubernetes.Ingress'],
  remedy: 'Add an entry to spec.tls that lists each host of the rules and the Secret with its certificate.',
  judge(resource) {
    const { spec } = resource.body as Ingress;
    const name = nameResource(resource);
    const elsewhere = Object.keys(resource.body.metadata.annotations ?? {}).find((key) => certificates.test(key));
    if (elsewhere !== undefined) return { status: 'pass', reason: `${name} has TLS by its annotation ${elsewhere}` };
    const hosts = [...new Set((spec?.rules ?? []).map(({ host }) => host ?? ''))];
    if (hosts.length === 0) hosts.push('');
    const tls = spec?.tls ?? [];
    const covered = tls.flatMap((entry) => entry.hosts ?? []);
    // An entry without hosts is for whatever the controller's own certificate is for, so for any host.
    const any = tls.some((entry) => (entry.hosts ?? []).length === 0);
    const bare = hosts
      .filter((host) => !any && !(host === '' && tls.length > 0) && !covered.some((other) => covers(other, host)))
      .toSorted();
    if (bare.length === 0) return { status: 'pass', reason: `${name} has TLS for every host` };
    const said = bare.map((host) => (host === '' ? 'any host' : host)).join(', ');
    return {
      status: 'fail',
      reason: `${name} serves ${said} without TLS`,
      evidence: { hosts: bare, tls: covered.toSorted() },
    };
  },
  examples: [
    { shows: 'TLS for the host', given: ingressOf('a.example.com', ['a.example.com']), status: 'pass' },
    { shows: 'TLS for all hosts of the domain', given: ingressOf('a.example.com', ['*.example.com']), status: 'pass' },
    { shows: 'TLS for another host', given: ingressOf('a.example.com', ['b.example.com']), status: 'fail' },
    { shows: 'no TLS', given: ingressOf('a.example.com'), status: 'fail' },
  ],
});

/** A star stands for exactly one label: networking.k8s.io/v1, IngressRule. */
function covers(certificate: string, host: string): boolean {
  const [wanted, asked] = [certificate.toLowerCase(), host.toLowerCase()];
  if (wanted === asked) return true;
  return wanted.startsWith('*.') && asked.includes('.') && asked.slice(asked.indexOf('.')) === wanted.slice(1);
}

function ingressOf(host: string, hosts?: readonly string[]) {
  const tls = hosts === undefined ? {} : { tls: [{ hosts, secretName: 'certificate' }] };
  return objectOf('kubernetes.Ingress', 'trino', { spec: { rules: [{ host }], ...tls } }, 'lake');
}
