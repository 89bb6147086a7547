import type { Firewall } from '../../address/firewall.ts';

/** The kinds of AWS that are listed: the last part of the kind and of the scope. */
export const awsKinds = [
  'SecurityGroup',
  'NetworkInterface',
  'Instance',
  'Volume',
  'LoadBalancer',
  'Bucket',
  'BucketAccess',
] as const;

/** A kind of AWS without its system. */
export type AwsKind = (typeof awsKinds)[number];

/** Body of `aws.SecurityGroup`; addresses of its prefix lists are among those of its rules. */
export interface SecurityGroupBody extends Firewall {
  readonly id: string;
  readonly description: string;
  readonly network: string;
  /** Whether it is the group that a VPC gives to whatever names none. */
  readonly isDefault: boolean;
}

/** Body of `aws.NetworkInterface`: the port through which instances, load balancers, databases and brokers talk. */
export interface NetworkInterfaceBody {
  readonly inUse: boolean;
  /** Ids of its security groups. */
  readonly groups: readonly string[];
  /** IPv4 addresses of the internet that lead to it, and its IPv6 addresses. */
  readonly publicAddresses: readonly string[];
  /** The instance, or what AWS says of the service that it belongs to. */
  readonly attachedTo: string;
  /** `interface`, `network_load_balancer`, `nat_gateway`, … */
  readonly type: string;
}

/** Body of `aws.Instance`. */
export interface InstanceBody {
  readonly state: string;
  readonly image: string;
  readonly network: string;
  readonly groups: readonly string[];
  readonly publicAddresses: readonly string[];
  /** Whether the metadata service wants session tokens (IMDSv2): `required`, `optional`, or `off` without that service. */
  readonly metadata: 'required' | 'optional' | 'off' | 'unknown';
  /** Whether AWS knows an instance profile, so credentials, for it. */
  readonly hasRole: boolean;
}

/** Body of `aws.Volume`. */
export interface VolumeBody {
  readonly encrypted: boolean;
  /** The KMS key, where one is named. */
  readonly key?: string;
  readonly state: string;
  readonly attachedTo: readonly string[];
}

/** A port on which a load balancer listens. */
export interface Listener {
  readonly port: number;
  /** `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`, `GENEVE`. */
  readonly protocol: string;
  /** The TLS policy, such as `ELBSecurityPolicy-TLS13-1-2-2021-06`. */
  readonly policy?: string;
  /** Whether all it does is to send callers on to HTTPS. */
  readonly redirects: boolean;
}

/** Body of `aws.LoadBalancer` (application, network and gateway load balancers). */
export interface LoadBalancerBody {
  readonly arn: string;
  readonly isPublic: boolean;
  readonly type: string;
  readonly network: string;
  /** Ids of its security groups; a network load balancer may have none and then lets everything through. */
  readonly groups: readonly string[];
  readonly listeners: readonly Listener[];
}

/** Body of `aws.Bucket`, of which only the labels are known: they cost one call each. */
export type BucketBody = Readonly<Record<string, never>>;

/** Body of `aws.BucketAccess`: what three more calls for each bucket tell, listed only when the settings ask for it. Undefined: forbidden. */
export interface BucketAccessBody {
  /** Whether all four blocks of public access are on, of the bucket itself; those of the account are not seen. */
  readonly blocksPublicAccess?: boolean;
  /** Whether AWS finds its policy public; false without one. */
  readonly hasPublicPolicy?: boolean;
  readonly versioned?: boolean;
}
