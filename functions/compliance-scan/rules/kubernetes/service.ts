import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';

/** The part of a Service that rules look at. */
export interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: string;
    readonly ports?: readonly ServicePort[];
    readonly selector?: Readonly<Record<string, string>>;
    readonly loadBalancerSourceRanges?: readonly string[];
    readonly externalIPs?: readonly string[];
    readonly clusterIP?: string;
  };
}

/** A port of a Service. */
export interface ServicePort {
  readonly name?: string;
  readonly port?: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
  readonly protocol?: string;
}

/** Ports as reasons and evidence show them: `8080/TCP, 9090/TCP`. */
export function portsOf({ ports }: NonNullable<Service['spec']>): string {
  return (ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(', ');
}
