import type { Rule } from '../../model/rule.ts';
import { balancersMeantPublic } from './balancers-meant-public.ts';
import { bucketsClosed, bucketsVersioned } from './buckets-closed.ts';
import { listenersEncrypted } from './listeners-encrypted.ts';
import { metadataTokens } from './metadata-tokens.ts';
import { noPathToLake } from './no-path-to-lake.ts';
import { tlsPolicies } from './tls-policies.ts';
import { volumesEncrypted } from './volumes-encrypted.ts';

/** Rules about resources of AWS; those about its security groups are among the network rules. */
export const awsRules: readonly Rule[] = [
  balancersMeantPublic,
  bucketsClosed,
  bucketsVersioned,
  listenersEncrypted,
  metadataTokens,
  noPathToLake,
  tlsPolicies,
  volumesEncrypted,
];
