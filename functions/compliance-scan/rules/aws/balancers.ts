import type { Listener, LoadBalancerBody } from '../../inventory/aws/kinds.ts';
import type { ExampleResource } from '../../model/rule.ts';

/** Protocols that are encrypted up to the load balancer. */
export function isEncrypted({ protocol }: Listener): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/** A load balancer for examples. */
export function balancerOf(
  listeners: readonly Partial<Listener>[],
  more: Partial<LoadBalancerBody> = {},
): ExampleResource {
  return {
    name: 'web',
    body: {
      arn: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/1',
      isPublic: true,
      type: 'application',
      network: 'vpc-1',
      groups: ['sg-1'],
      listeners: listeners.map((listener) => ({ port: 443, protocol: 'HTTPS', redirects: false, ...listener })),
      ...more,
    },
  };
}
