import type { Firewall } from '../../address/firewall.ts';

/** Body of `openstack.SecurityGroup`; addresses of its address groups are among those of its rules. */
export interface OpenstackGroupBody extends Firewall {
  readonly id: string;
  readonly description: string;
  /** The project that it belongs to. */
  readonly network: string;
  readonly isDefault: boolean;
}
