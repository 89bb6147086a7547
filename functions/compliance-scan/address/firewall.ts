import { type AddressBounds } from './exposure.ts';
import {
  type AddressSet,
  everywhere,
  nowhere,
  readAddresses,
  subtractAddresses,
  uniteAddresses,
} from './address-set.ts';
import { hasPorts } from './protocol.ts';

/** Ports from the first to the last, both included, 0 to 65535. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** One rule of a security group or firewall, the same for all clouds. */
export interface FirewallRule {
  readonly direction: 'ingress' | 'egress';
  readonly action: 'allow' | 'deny';
  /** Rules of smaller numbers decide first, at the same number those that deny; 0 where rules have no order and only allow. */
  readonly priority: number;
  /** As `nameProtocol` writes it: `tcp`, `udp`, `icmp`, `any`, a number. */
  readonly protocol: string;
  /** Undefined: all ports. */
  readonly ports?: readonly PortRange[];
  /** Addresses of the other side: blocks, single ones, `first-last`; those of prefix lists and tags that could be resolved, too. */
  readonly addresses: readonly string[];
  /** Other groups or networks whose members are let in: they add no addresses. `self` is the group itself. */
  readonly groups?: readonly string[];
  /** Prefix lists and tags whose addresses are among them. */
  readonly resolved?: readonly string[];
  /** Prefix lists, tags and groups of addresses that could not be resolved: any address may be in them. */
  readonly unresolved?: readonly string[];
  readonly description?: string;
}

/** What makes a resource a firewall. What no rule decides is refused. */
export interface Firewall {
  readonly rules: readonly FirewallRule[];
}

/** The addresses that a firewall lets reach a port, and what stood in the way of knowing them all. */
export interface Reach extends AddressBounds {
  /** Prefix lists, tags and texts that could not be resolved, sorted. */
  readonly unresolved: readonly string[];
  /** Other groups that are let in, sorted. */
  readonly groups: readonly string[];
}

interface ReadRule {
  readonly number: number;
  readonly rule: FirewallRule;
  readonly set: AddressSet;
  readonly unresolved: readonly string[];
}

interface ReadFirewall {
  readonly ingress: readonly ReadRule[];
  readonly egress: readonly ReadRule[];
  /** Answers by the numbers of the rules that cover a question: many ports have the same. */
  readonly answers: Map<string, Reach>;
}

// Several rules of ours ask the same firewall; its addresses are read once, as long as it is around.
const read = new WeakMap<Firewall, ReadFirewall>();

/**
 * Who reaches a port through all rules of a firewall together: they are walked by priority, and what is denied first is not
 * allowed later. `port` undefined asks for protocols without ports, such as icmp. Protocol `any` asks for rules that speak of
 * all protocols; those of one protocol never cover it.
 */
export function reachOf(
  firewall: Firewall,
  direction: FirewallRule['direction'],
  protocol: string,
  port?: number,
): Reach {
  const known = readRules(firewall);
  const covering = known[direction].filter(({ rule }) => covers(rule, protocol, port));
  const key = covering.map(({ number }) => number).join(' ');
  const answer = known.answers.get(key) ?? walk(covering);
  known.answers.set(key, answer);
  return answer;
}

function walk(covering: readonly ReadRule[]): Reach {
  // Bounds: an unresolved set is empty or everything, whichever lets fewer (or more) in.
  let [least, most, denied, maybeDenied] = [nowhere, nowhere, nowhere, nowhere];
  for (const { rule, set, unresolved } of covering) {
    const possible = unresolved.length > 0 ? everywhere : set;
    if (rule.action === 'deny') {
      denied = uniteAddresses(denied, set);
      maybeDenied = uniteAddresses(maybeDenied, possible);
    } else {
      least = uniteAddresses(least, subtractAddresses(set, maybeDenied));
      most = uniteAddresses(most, subtractAddresses(possible, denied));
    }
  }
  const allowing = covering.filter(({ rule }) => rule.action === 'allow');
  return {
    least,
    most,
    unresolved: sortUnique(covering.flatMap(({ unresolved }) => unresolved)),
    groups: sortUnique(allowing.flatMap(({ rule }) => rule.groups ?? [])),
  };
}

/** Whether a rule speaks of a protocol and port; without a port, of all that the protocol has. */
export function covers({ protocol: own, ports }: FirewallRule, protocol: string, port?: number): boolean {
  if (own !== 'any' && own !== protocol) return false;
  if (ports === undefined) return true;
  return port !== undefined && hasPorts(protocol) && ports.some(({ from, to }) => from <= port && port <= to);
}

function readRules(firewall: Firewall): ReadFirewall {
  const known = read.get(firewall);
  if (known !== undefined) return known;
  const ordered = firewall.rules
    .toSorted((a, b) => a.priority - b.priority || rank(a) - rank(b))
    .map((rule, number) => {
      const { set, unread } = readAddresses(rule.addresses);
      return { rule, number, set, unresolved: [...(rule.unresolved ?? []), ...unread] };
    });
  const rules = {
    ingress: ordered.filter(({ rule }) => rule.direction === 'ingress'),
    egress: ordered.filter(({ rule }) => rule.direction === 'egress'),
    answers: new Map<string, Reach>(),
  };
  read.set(firewall, rules);
  return rules;
}

function rank({ action }: FirewallRule): number {
  return action === 'deny' ? 0 : 1;
}

function sortUnique(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted();
}
