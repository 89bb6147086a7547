import type { FirewallRule } from '../../address/firewall.ts';
import type { ExampleResource } from '../../model/rule.ts';

/** A rule that lets addresses in on tcp, all ports unless one is told. */
export function letIn(addresses: readonly string[], port?: number, more: Partial<FirewallRule> = {}): FirewallRule {
  return {
    direction: 'ingress',
    action: 'allow',
    priority: 0,
    protocol: 'tcp',
    ...(port !== undefined && { ports: [{ from: port, to: port }] }),
    addresses,
    ...more,
  };
}

/** A security group of AWS with these rules. */
export function groupOf(...rules: readonly FirewallRule[]): ExampleResource {
  return { name: 'lake', body: { id: 'sg-1', description: 'the lake', network: 'vpc-1', isDefault: false, rules } };
}

/** A network interface in that group. */
export function portOf(...publicAddresses: readonly string[]): ExampleResource {
  return { body: { inUse: true, groups: ['sg-1'], publicAddresses, attachedTo: 'i-1', type: 'interface' } };
}
