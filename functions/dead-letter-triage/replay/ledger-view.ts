import { KeyTable } from './key-table.ts';
import type { HeldLetter, LedgerEntry, ReplayedLetter, StoppedPlan } from './ledger-record.ts';

/** What a plan has written so far: enough to know it again when it comes back. */
export class OwnReplays {
  readonly #places = new KeyTable();
  readonly #contents = new KeyTable();
  /** Topics that were written to. */
  readonly topics = new Set<string>();

  /** Letters that were replayed. */
  get count(): number {
    return this.#places.size;
  }

  /** Adding the same again changes nothing. */
  add({ to, contents }: Pick<ReplayedLetter, 'to' | 'contents'>): void {
    this.#places.set(to);
    this.topics.add(to.slice(0, to.indexOf('/')));
    for (const content of contents) this.#contents.set(content);
  }

  hasWritten(place: string): boolean {
    return this.#places.has(place);
  }

  hasContent(content: string): boolean {
    return this.#contents.has(content);
  }
}

/** What was replayed so far, as one plan sees it; some 100 bytes for each letter. */
export class LedgerView {
  /** Where reading goes on in the partitions of the ledger. */
  readonly positions: Map<number, bigint>;
  /** What the plan itself wrote. */
  readonly own: OwnReplays;
  readonly #plan: string;
  /** Plans by their numbers, from 1 on. */
  readonly #plans: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Letters, with the number of the plan that replayed each the last time. */
  readonly #letters = new KeyTable();
  /** How often other plans replayed contents, and what they wrote to places. */
  readonly #counts = new KeyTable();
  /** Records that other plans replayed, by where they failed first and what they hold. */
  readonly #origins = new KeyTable();
  readonly #held: Map<string, HeldLetter> | undefined;
  readonly #stopped = new Map<string, StoppedPlan>();

  /** With `after`, a view of what was told after that one was read. Held letters are known to those who ask for them. */
  constructor(plan: string, { after, keepsHeld = false }: { after?: LedgerView; keepsHeld?: boolean } = {}) {
    this.#plan = plan;
    this.positions = new Map(after?.positions);
    this.own = after?.own ?? new OwnReplays();
    this.#held = keepsHeld ? new Map() : undefined;
  }

  add(told: LedgerEntry): void {
    if (told.kind === 'replayed') this.#addReplayed(told.entry);
    else if (told.kind === 'stopped') this.#stopped.set(told.entry.plan, told.entry);
    else if (told.entry.plan === this.#plan) this.#held?.set(told.entry.letter, told.entry);
  }

  /** The plan that replayed a letter the last time. */
  planOf(letter: string): string | undefined {
    return this.#plans[this.#letters.get(letter) - 1];
  }

  /** How often other plans replayed a content, or what they wrote to a place (`to` and the place). */
  timesReplayed(name: string): number {
    return this.#counts.get(name);
  }

  /** True when another plan replayed the record of this origin that holds this. */
  hasReplayed(origin: string, content: string): boolean {
    return this.#origins.has(`${origin} ${content}`);
  }

  /** Letters that the plan held back, and nobody replayed since. */
  held(): HeldLetter[] {
    return [...(this.#held?.values() ?? [])].filter(({ letter }) => this.planOf(letter) === undefined);
  }

  stopped(plan: string): StoppedPlan | undefined {
    return this.#stopped.get(plan);
  }

  #addReplayed(entry: ReplayedLetter): void {
    const { plan, letter, origin, to, contents, count } = entry;
    this.#letters.set(letter, this.#numberOf(plan));
    if (plan === this.#plan) return this.own.add(entry);
    for (const name of [...contents, `to ${to}`]) this.#counts.raise(name, count);
    if (origin !== undefined) this.#origins.set(`${origin} ${contents[0]}`);
  }

  #numberOf(plan: string): number {
    const known = this.#numbers.get(plan);
    if (known !== undefined) return known;
    const number = this.#plans.push(plan);
    this.#numbers.set(plan, number);
    return number;
  }
}
