import { z } from 'zod';
import { readAddresses } from '../../address/address-set.ts';
import { defaultWidePrefix, type ExposureScale } from '../../address/exposure.ts';
import type { Firewall } from '../../address/firewall.ts';
import type { NetworkInterfaceBody, SecurityGroupBody } from '../../inventory/aws/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import type { Look, Need } from '../../model/rule.ts';
import { type Exposure, severities, type Severity } from '../../model/verdict.ts';

/** The kinds whose bodies are firewalls. */
export const firewallKinds: readonly string[] = [
  'aws.SecurityGroup',
  'openstack.SecurityGroup',
  'azure.NetworkSecurityGroup',
  'gcp.Firewall',
];

/** Parameters of all rules that weigh addresses. */
export const scaleParameters = {
  partners: z
    .array(z.string())
    .default([])
    .describe('blocks of addresses of partners: however large, they open nothing'),
  widePrefix: z
    .int()
    .min(0)
    .max(32)
    .default(defaultWidePrefix)
    .describe('more public addresses than one IPv4 block of this prefix length are a wide opening'),
};

/** How parameters weigh addresses. */
export function scaleOf({ partners, widePrefix }: { partners: readonly string[]; widePrefix: number }): ExposureScale {
  return { partners: readAddresses(partners).set, widePrefix };
}

/** What is behind a firewall: something with a public address, things without, nothing; `untold` where its system does not say. */
export type Attachment = 'public' | 'private' | 'nothing' | 'untold';

/** The network interfaces of AWS, by their groups: whether one has a public address. */
export const interfaces: Need<boolean> = {
  kind: 'aws.NetworkInterface',
  fact: ({ body }) => {
    const { inUse, publicAddresses } = body as NetworkInterfaceBody;
    return inUse ? publicAddresses.length > 0 : undefined;
  },
  keys: ({ body }) => (body as NetworkInterfaceBody).groups,
};

/** A firewall that may say itself what is behind it. */
export interface AttachedFirewall extends Firewall {
  /** Names of networks and interfaces that it guards. */
  readonly guards?: readonly string[];
}

/** What is behind a firewall. */
export function attachmentOf({ kind, body }: Resource<AttachedFirewall>, look: Look): Attachment {
  if (kind === 'aws.SecurityGroup') {
    const found = look.related(interfaces, (body as SecurityGroupBody).id);
    if (found.length === 0) return 'nothing';
    return found.includes(true) ? 'public' : 'private';
  }
  return body.guards?.length === 0 ? 'nothing' : 'untold';
}

/** The severity of a declared opening by what is behind it: never left out, but milder without a public address. */
export function effectiveSeverity(worst: Severity, attachment: Attachment): Severity {
  const steps = { public: 0, untold: 0, private: 1, nothing: 2 }[attachment];
  return severities[Math.min(severities.indexOf(worst) + steps, severities.length - 1)] ?? 'info';
}

/** The end of a sentence about a firewall, by what is behind it. */
export const behind: Readonly<Record<Attachment, string>> = {
  public: '; something with a public address is behind it',
  private: '; what is behind it has no public address',
  nothing: '; nothing is behind it at present',
  untold: '',
};

/** Who comes in, in words. */
export function nameExposure(exposure: Exposure): string {
  return exposure === 'world' ? 'the whole internet' : 'a wide part of the internet';
}
