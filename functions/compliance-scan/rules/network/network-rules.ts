import type { Rule } from '../../model/rule.ts';
import { defaultGroupClosed } from './default-group-closed.ts';
import { egressLimited } from './egress-limited.ts';
import { fewOpenPorts } from './few-open-ports.ts';
import { knownSources } from './known-sources.ts';
import { noOpenAdminPorts } from './no-open-admin-ports.ts';
import { noOpenLakePorts } from './no-open-lake-ports.ts';
import { noUnusedGroups } from './no-unused-groups.ts';
import { rulesDescribed } from './rules-described.ts';

/** Rules about security groups and firewalls of all clouds. */
export const networkRules: readonly Rule[] = [
  defaultGroupClosed,
  egressLimited,
  fewOpenPorts,
  knownSources,
  noOpenAdminPorts,
  noOpenLakePorts,
  noUnusedGroups,
  rulesDescribed,
];
