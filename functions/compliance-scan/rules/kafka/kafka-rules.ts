import type { Rule } from '../../model/rule.ts';
import { anonymousOnTopic } from './anonymous.ts';
import { authorizer } from './authorizer.ts';
import { autoCreate } from './auto-create.ts';
import { brokersEncrypted } from './brokers-encrypted.ts';
import { clientsEncrypted } from './clients-encrypted.ts';
import { clientsNamed } from './clients-named.ts';
import { closedByDefault } from './closed-by-default.ts';
import { clusterRights } from './cluster-rights.ts';
import { everybodyOnTopic } from './everybody.ts';
import { humanWriters } from './human-writers.ts';
import { inSync } from './in-sync.ts';
import { openGroups } from './open-groups.ts';
import { internalReplicas, replicas } from './replicas.ts';
import { staleRule } from './stale-rule.ts';
import { superUsers } from './super-users.ts';
import { tlsVersions } from './tls-versions.ts';
import { topicOwned } from './topic-owned.ts';
import { topicRuled } from './topic-ruled.ts';
import { uncleanElection } from './unclean-election.ts';
import { writeHosts } from './write-hosts.ts';

/** The rules about Kafka. */
export const kafkaRules: readonly Rule[] = [
  authorizer,
  closedByDefault,
  topicRuled,
  everybodyOnTopic,
  anonymousOnTopic,
  writeHosts,
  clusterRights,
  humanWriters,
  superUsers,
  openGroups,
  staleRule,
  clientsEncrypted,
  brokersEncrypted,
  clientsNamed,
  tlsVersions,
  replicas,
  internalReplicas,
  inSync,
  uncleanElection,
  autoCreate,
  topicOwned,
];
