import type { AccessRule, AccessTarget } from '#shared/kafka/access-rule.ts';
import type { KafkaAccess, KafkaGrant } from './kinds.ts';

/** What `All` means for a kind of thing (Kafka's documentation, Security, operations and resources). */
const everything: Readonly<Partial<Record<AccessTarget, readonly string[]>>> = {
  topic: ['Alter', 'AlterConfigs', 'Create', 'Delete', 'Describe', 'DescribeConfigs', 'Read', 'Write'],
  group: ['AlterConfigs', 'Delete', 'Describe', 'DescribeConfigs', 'Read'],
  cluster: ['Alter', 'AlterConfigs', 'ClusterAction', 'Create', 'Describe', 'DescribeConfigs', 'IdempotentWrite'],
  'transactional-id': ['Describe', 'TwoPhaseCommit', 'Write'],
  'delegation-token': ['Describe'],
  user: ['CreateTokens', 'DescribeTokens'],
};

/** The principal that stands for all others, of whatever type. */
export const everybody = 'User:*';

interface RulesOfTarget {
  readonly literal: Map<string, AccessRule[]>;
  readonly prefixed: Map<string, AccessRule[]>;
  /** Lengths of the beginnings, of which there are few. */
  readonly lengths: Set<number>;
}

/** Access rules, found by what they speak of. Pure. */
export class AccessRules {
  readonly #targets = new Map<AccessTarget, RulesOfTarget>();

  constructor(rules: readonly AccessRule[]) {
    for (const rule of rules) {
      const { literal, prefixed, lengths } = this.#ofTarget(rule.target);
      if (rule.pattern === 'prefixed') lengths.add(rule.name.length);
      const map = rule.pattern === 'prefixed' ? prefixed : literal;
      const known = map.get(rule.name);
      if (known === undefined) map.set(rule.name, [rule]);
      else known.push(rule);
    }
  }

  /** Who may do what with a thing of this name. */
  access(target: AccessTarget, name: string): KafkaAccess {
    const rules = this.#about(target, name, 'literal');
    const denials = rules.filter(({ permission }) => permission === 'deny');
    const grants = new Map<string, KafkaGrant>();
    for (const rule of rules) {
      if (rule.permission === 'deny') continue;
      const left = remaining(rule, denials);
      if (left.length === 0) continue;
      const { principal, host } = rule;
      const key = `${principal}\n${host}`;
      const operations = new Set([...(grants.get(key)?.operations ?? []), ...left]);
      grants.set(key, { principal, host, operations: [...operations].toSorted() });
    }
    return { rules: rules.length, grants: grants.size === 0 ? [] : [...grants.values()].toSorted(byPrincipal) };
  }

  /** True when denials that hold for all that a rule speaks of leave nothing of what it allows. */
  isDenied(rule: AccessRule): boolean {
    if (rule.permission === 'deny') return false;
    const about = this.#about(rule.target, rule.name, rule.pattern);
    return (
      remaining(
        rule,
        about.filter(({ permission }) => permission === 'deny'),
      ).length === 0
    );
  }

  /** The rules for a name, or with `prefixed` those that hold for every name that begins so. */
  #about(target: AccessTarget, name: string, pattern: AccessRule['pattern']): AccessRule[] {
    const { literal, prefixed, lengths } = this.#ofTarget(target);
    const found = [...(literal.get('*') ?? [])];
    if (pattern === 'literal' && name !== '*') found.push(...(literal.get(name) ?? []));
    if (pattern === 'prefixed' || name !== '*')
      for (const length of lengths)
        if (length <= name.length) found.push(...(prefixed.get(name.slice(0, length)) ?? []));
    return found;
  }

  #ofTarget(target: AccessTarget): RulesOfTarget {
    const known = this.#targets.get(target);
    if (known !== undefined) return known;
    const made: RulesOfTarget = { literal: new Map(), prefixed: new Map(), lengths: new Set() };
    this.#targets.set(target, made);
    return made;
  }
}

/** The operations of a rule that no denial takes away for its principal and host. */
function remaining(rule: AccessRule, denials: readonly AccessRule[]): readonly string[] {
  const wanted = rule.operation === 'All' ? (everything[rule.target] ?? ['All']) : [rule.operation];
  const against = denials.filter(
    ({ principal, host }) =>
      (principal === everybody || principal === rule.principal) && (host === '*' || host === rule.host),
  );
  return wanted.filter(
    (operation) => !against.some((denial) => denial.operation === 'All' || denial.operation === operation),
  );
}

function byPrincipal(a: KafkaGrant, b: KafkaGrant): number {
  const [left, right] = [`${a.principal}\n${a.host}`, `${b.principal}\n${b.host}`];
  return left < right ? -1 : Number(left > right);
}
