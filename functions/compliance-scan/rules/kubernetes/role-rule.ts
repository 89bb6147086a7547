import { defineRule, type Need, type Rule, type RuleDefinition } from '../../model/rule.ts';
import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import type { Judgement } from '../../model/verdict.ts';
import { nameResource } from './name-resource.ts';
import { selects } from './network-policy.ts';
import { powersOf, powerWords, type Power } from './powers.ts';
import {
  isBuiltIn,
  narrowBindings,
  roleKey,
  wideBindings,
  type BindingFact,
  type PolicyRule,
  type Role,
} from './rbac.ts';

/** Roles of the cluster that give powers, for those that gather the rules of others by labels. */
const gathered: Need<{ readonly labels: Readonly<Record<string, string>>; readonly powers: readonly Power[] }> = {
  kind: 'kubernetes.ClusterRole',
  keys: () => ['*'],
  fact({ labels = {}, body }) {
    const powers = powersOf((body as Role).rules);
    return powers.length === 0 || Object.keys(labels).length === 0 ? undefined : { labels, powers };
  },
};

type Given = Pick<
  RuleDefinition<KubernetesObject, never>,
  'id' | 'title' | 'why' | 'severity' | 'controls' | 'remedy' | 'examples'
> & {
  /** The powers that the rule is about. */
  readonly powers: readonly Power[];
  /** False where the power is normal inside one namespace. */
  readonly narrow?: boolean;
};

/**
 * A rule about what roles allow. A role that nobody has is a low risk; what counts is who is bound to it and how far, so the
 * bindings are looked at too. Roles that come with Kubernetes are judged where they are bound.
 */
export function defineRoleRule({ powers: wanted, narrow = true, ...given }: Given): Rule {
  return defineRule<KubernetesObject>({
    version: 1,
    area: 'identity',
    ...given,
    kinds: ['kubernetes.ClusterRole', 'kubernetes.Role'],
    needs: [wideBindings, narrowBindings, gathered],
    trim: ({ body, ...resource }) => ({ ...resource, body: trimRole(body) }),
    judge(resource, look) {
      const role = resource.body as Role;
      const name = nameResource(resource);
      if (isBuiltIn(role)) return { status: 'pass', reason: `${name} comes with Kubernetes` };
      const own = powersOf(role.rules);
      const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
      const others = selectors.length === 0 ? [] : look.related(gathered, '*');
      const added = others
        .filter(({ labels }) => selectors.some((selector) => selects(selector, labels)))
        .flatMap(({ powers }) => powers);
      const found = wanted.filter((power) => own.includes(power) || added.includes(power));
      const key = roleKey(role.kind, resource.place['namespace'], resource.name);
      const bindings = [...look.related(wideBindings, key), ...look.related(narrowBindings, key)];
      return judgePowers(name, found, bindings, narrow, given.severity === 'critical' ? 'critical' : 'high');
    },
  });
}

function judgePowers(
  name: string,
  powers: readonly Power[],
  bindings: readonly BindingFact[],
  narrow: boolean,
  worst: 'critical' | 'high',
): Judgement {
  const [power] = powers;
  if (power === undefined) return { status: 'pass', reason: `${name} gives no such power` };
  const wide = bindings.filter((binding) => binding.wide);
  const counted = wide.length > 0 || !narrow ? wide : bindings;
  const evidence = { powers: [...powers], bindings: counted.map((binding) => binding.name).toSorted() };
  const says = `whoever has ${name} may ${powerWords[power]}`;
  if (counted.length === 0) {
    if (!narrow && bindings.length > 0) return { status: 'pass', reason: `${says}, in single namespaces only` };
    return { status: 'fail', severity: 'low', reason: `${says}; nobody is bound to it`, evidence };
  }
  const subjects = [...new Set(counted.flatMap((binding) => binding.subjects))].toSorted();
  const where = wide.length > 0 ? 'everywhere' : 'in its namespace';
  const more = subjects.length > 1 ? ` and ${subjects.length - 1} more` : '';
  return {
    status: 'fail',
    severity: wide.length > 0 ? worst : 'medium',
    reason: `${says}: ${subjects[0] ?? ''}${more} ${subjects.length > 1 ? 'have' : 'has'} it ${where}`,
    evidence: { ...evidence, subjects: subjects.slice(0, 20) },
  };
}

/** Keeps of a role only what powers are read from. */
function trimRole({ apiVersion, kind, metadata, rules, aggregationRule }: Role): Role {
  const { name, labels } = metadata;
  const kept = (rules ?? []).filter((rule: PolicyRule) => powersOf([rule]).length > 0);
  return {
    apiVersion,
    kind,
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    rules: kept,
    ...(aggregationRule === undefined ? {} : { aggregationRule }),
  };
}
