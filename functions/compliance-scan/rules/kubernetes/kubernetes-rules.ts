import type { Rule } from '../../model/rule.ts';
import { capabilitiesDropped } from './capabilities-dropped.ts';
import { disruptionBudgets } from './disruption-budgets.ts';
import { functionsClusterLocal } from './functions-cluster-local.ts';
import { functionsLimited } from './functions-limited.ts';
import { imagesPinned } from './images-pinned.ts';
import { ingressTls } from './ingress-tls.ts';
import { lakeSettingsAskWho } from './lake-settings-ask-who.ts';
import { lakeToolsAskWho } from './lake-tools-ask-who.ts';
import { networkPolicyNotOpen } from './network-policy-not-open.ts';
import { networkPolicySelectsPods } from './network-policy-selects-pods.ts';
import { noAnonymousAccess } from './no-anonymous-access.ts';
import { noClusterAdmins } from './no-cluster-admins.ts';
import { noDefaultAccounts } from './no-default-accounts.ts';
import { noEscalatingRoles } from './no-escalating-roles.ts';
import { noExposedConsoles } from './no-exposed-consoles.ts';
import { noExternalIps } from './no-external-ips.ts';
import { noHostNamespaces } from './no-host-namespaces.ts';
import { noHostPaths } from './no-host-paths.ts';
import { noHostPorts } from './no-host-ports.ts';
import { noIdleTokens } from './no-idle-tokens.ts';
import { noKernelDoors } from './no-kernel-doors.ts';
import { noLastingTokens } from './no-lasting-tokens.ts';
import { noManualChanges } from './no-manual-changes.ts';
import { noNodePorts } from './no-node-ports.ts';
import { noNodeVolumes } from './no-node-volumes.ts';
import { noOpenLoadBalancers } from './no-open-load-balancers.ts';
import { noPrivilegeEscalation } from './no-privilege-escalation.ts';
import { noPrivilegedContainers } from './no-privileged-containers.ts';
import { noSecretsInEnv } from './no-secrets-in-env.ts';
import { noWideExec } from './no-wide-exec.ts';
import { noWideSecretReaders } from './no-wide-secret-readers.ts';
import { noWildcardRoles } from './no-wildcard-roles.ts';
import { podSecurityLabels } from './pod-security-labels.ts';
import { podsHavePolicies } from './pods-have-policies.ts';
import { readOnlyRoot } from './read-only-root.ts';
import { resourceLimits } from './resource-limits.ts';
import { runAsNonRoot } from './run-as-non-root.ts';
import { seccomp } from './seccomp.ts';
import { storageEncrypted } from './storage-encrypted.ts';
import { triggersKeepFailures } from './triggers-keep-failures.ts';

/** The rules about objects of Kubernetes. */
export const kubernetesRules: readonly Rule[] = [
  noOpenLoadBalancers,
  noNodePorts,
  noExternalIps,
  networkPolicyNotOpen,
  podsHavePolicies,
  networkPolicySelectsPods,
  ingressTls,
  noPrivilegedContainers,
  noHostNamespaces,
  noHostPaths,
  noHostPorts,
  capabilitiesDropped,
  runAsNonRoot,
  noPrivilegeEscalation,
  readOnlyRoot,
  seccomp,
  noKernelDoors,
  imagesPinned,
  resourceLimits,
  noWildcardRoles,
  noEscalatingRoles,
  noWideSecretReaders,
  noWideExec,
  noClusterAdmins,
  noAnonymousAccess,
  noDefaultAccounts,
  noManualChanges,
  noExposedConsoles,
  lakeToolsAskWho,
  lakeSettingsAskWho,
  noSecretsInEnv,
  podSecurityLabels,
  storageEncrypted,
  noNodeVolumes,
  disruptionBudgets,
  functionsClusterLocal,
  functionsLimited,
  triggersKeepFailures,
  noLastingTokens,
  noIdleTokens,
];
