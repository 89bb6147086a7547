import { labelOf, type Resource } from './model/resource.ts';
import type { Look, Need, Rule } from './model/rule.ts';
import { severities, type Judgement, type Severity, type Verdict, type VerdictResource } from './model/verdict.ts';

/** A rule as a run uses it: with its parameters, and the severity that the settings give it. */
export interface ActiveRule {
  readonly rule: Rule;
  readonly parameters: unknown;
  readonly severity: Severity;
}

/** What an evaluation is told of the world besides resources. */
export interface Surroundings {
  /** When the run began, in milliseconds since 1970. */
  readonly now: number;
  /** Who owns a resource. */
  ownerOf(resource: Resource): string | undefined;
  /** Labels that verdicts keep, since waivers select by them; none unless said. */
  readonly keptLabels?: readonly string[];
}

interface Waiting {
  readonly active: ActiveRule;
  readonly resource: Resource;
  /** Made before the resource was trimmed. */
  readonly named: VerdictResource;
}

/**
 * Judges resources one by one as listings bring them, in any order. Rules that need nothing else judge at once and keep
 * nothing; those with needs keep a trimmed resource until {@link Evaluation.finish}. Pure.
 */
export class Evaluation {
  readonly #surroundings: Surroundings;
  readonly #byKind = new Map<string, ActiveRule[]>();
  readonly #needs = new Map<string, Need[]>();
  readonly #facts = new Map<Need, Map<string, { readonly uid: string; readonly fact: unknown }[]>>();
  readonly #waiting: Waiting[] = [];
  readonly #texts = new Map<string, string>();
  /** Needs of which something could not be read, with its name. */
  readonly #unread = new Map<Need, string>();

  constructor(rules: readonly ActiveRule[], surroundings: Surroundings) {
    this.#surroundings = surroundings;
    for (const active of rules) {
      for (const kind of active.rule.kinds) push(this.#byKind, kind, active);
      for (const need of active.rule.needs ?? []) {
        if (this.#facts.has(need)) continue;
        this.#facts.set(need, new Map());
        push(this.#needs, need.kind, need);
      }
    }
  }

  /** The kinds to list: those that rules judge and those that they need. */
  get kinds(): ReadonlySet<string> {
    return new Set([...this.#byKind.keys(), ...this.#needs.keys()]);
  }

  /** Takes a resource in, and says what rules without needs have to say of it. */
  add(resource: Resource): Verdict[] {
    for (const need of this.#needs.get(resource.kind) ?? []) this.#keep(need, resource);
    const rules = this.#byKind.get(resource.kind);
    if (rules === undefined) return [];
    const verdicts: Verdict[] = [];
    const named = this.#name(resource);
    for (const active of rules) {
      const { rule } = active;
      if (rule.needs === undefined || rule.needs.length === 0) verdicts.push(...this.#judge(active, resource, named));
      else verdicts.push(...this.#wait(active, resource, named));
    }
    return verdicts;
  }

  /** The verdicts of rules with needs. Where a needed kind was not listed to its end, they are `unknown`. */
  *finish(incomplete: ReadonlySet<string> = new Set()): Generator<Verdict> {
    for (const facts of this.#facts.values())
      for (const list of facts.values()) list.sort((a, b) => (a.uid < b.uid ? -1 : Number(a.uid > b.uid)));
    for (const { active, resource, named } of this.#waiting) {
      const unseen = active.rule.needs?.find(({ kind }) => incomplete.has(kind));
      const unread = active.rule.needs?.find((need) => this.#unread.has(need));
      if (unseen !== undefined) yield verdictOf(active, named, unknownWithout(unseen.kind));
      else if (unread !== undefined)
        yield verdictOf(active, named, unknownBeside(unread.kind, this.#unread.get(unread) ?? ''));
      else yield* this.#judge(active, resource, named);
    }
    this.#waiting.length = 0;
  }

  #keep(need: Need, resource: Resource): void {
    const facts = this.#facts.get(need);
    try {
      const fact = need.fact(resource);
      if (fact === undefined || facts === undefined) return;
      const kept = { uid: resource.uid, fact: typeof fact === 'string' ? this.#once(fact) : fact };
      for (const key of need.keys(resource)) push(facts, key, kept);
    } catch {
      // Something is there that cannot be read, so nothing can be concluded from its absence; always the same is named.
      const known = this.#unread.get(need);
      if (known === undefined || resource.name < known) this.#unread.set(need, resource.name);
    }
  }

  /** Very many resources give the same fact; one copy of it is enough. */
  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }

  #wait(active: ActiveRule, resource: Resource, named: VerdictResource): Verdict[] {
    try {
      this.#waiting.push({ active, resource: active.rule.trim?.(resource) ?? resource, named });
      return [];
    } catch (error) {
      return [verdictOf(active, named, stumbled(active, resource, error))];
    }
  }

  #judge(active: ActiveRule, resource: Resource, named: VerdictResource): Verdict[] {
    try {
      const judged = active.rule.judge(resource, this.#look(active));
      const judgements = Array.isArray(judged) ? (judged as readonly Judgement[]) : [judged as Judgement];
      return judgements.map((judgement) => verdictOf(active, named, judgement));
    } catch (error) {
      // A rule that stumbles over a resource must never look as if the resource were fine.
      return [verdictOf(active, named, stumbled(active, resource, error))];
    }
  }

  #look({ parameters }: ActiveRule): Look {
    return {
      parameters,
      now: this.#surroundings.now,
      related: <Fact>(need: Need<Fact>, key: string) =>
        (this.#facts.get(need as Need)?.get(key) ?? []).map(({ fact }) => fact as Fact),
    };
  }

  #name(resource: Resource): VerdictResource {
    const { uid, kind, scope, name, place, version } = resource;
    const owner = this.#surroundings.ownerOf(resource);
    const labels = (this.#surroundings.keptLabels ?? []).flatMap((label) => {
      const value = labelOf(resource, label);
      return value === undefined ? [] : [[label, value] as const];
    });
    return {
      uid,
      kind,
      scope,
      name,
      place,
      ...(version === undefined ? {} : { version }),
      ...(owner === undefined ? {} : { owner }),
      ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
    };
  }
}

function verdictOf({ rule, severity }: ActiveRule, resource: VerdictResource, judgement: Judgement): Verdict {
  return { ...judgement, severity: severityOf(judgement, rule.severity, severity), rule: rule.id, resource };
}

/** A failure that is worse or milder than usual stays so, by as many steps, where the settings give a rule another severity. */
function severityOf({ severity: own }: Judgement, usual: Severity, set: Severity): Severity {
  if (own === undefined) return set;
  const steps = severities.indexOf(set) - severities.indexOf(usual);
  const index = Math.min(Math.max(severities.indexOf(own) + steps, 0), severities.length - 1);
  return severities[index] ?? set;
}

function stumbled({ rule }: ActiveRule, { kind, name }: Resource, error: unknown): Judgement {
  const why = error instanceof Error ? error.name : 'unknown error';
  return { status: 'error', reason: `rule ${rule.id} failed on ${kind} ${name}: ${why}` };
}

function unknownBeside(kind: string, name: string): Judgement {
  return { status: 'unknown', reason: `${kind} ${name}, which the rule needs, is not as things of its kind are` };
}

function unknownWithout(kind: string): Judgement {
  return { status: 'unknown', reason: `not all of ${kind} could be read, which the rule needs` };
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
