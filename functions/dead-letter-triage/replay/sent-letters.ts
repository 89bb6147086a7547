import type { Group } from '../group/group.ts';
import type { SentLetters } from '../group/handled.ts';
import type { DecidedLetters } from './survey.ts';

/** Groups of one partition of which letters are counted. */
const groupsAtMost = 10_000;

/** Counts the letters of each group of one partition that plans sent back. Pure. */
export class SentCount {
  readonly #plan: string;
  readonly #episodes: ReadonlyMap<string, Pick<SentLetters, 'episode'> & { readonly from: bigint }>;
  readonly #sent = new Map<string, { group: string; episode: number; plan: string; letters: number }>();

  /** Counts for a plan by what triage knows of the groups when it begins. */
  constructor(plan: string, groups: Iterable<Group>) {
    this.#plan = plan;
    const about = ({ id, episode, episodeOffset, firstOffset, lastOffset }: Group) => {
      const from = episode === 1 ? firstOffset : (episodeOffset ?? lastOffset);
      return [id, { episode, from: BigInt(from) }] as const;
    };
    this.#episodes = new Map(Array.from(groups, about));
  }

  add({ decisions, groups }: Pick<DecidedLetters, 'decisions' | 'groups'>): void {
    for (const decision of decisions) {
      const { offset } = decision.record;
      const group = groups.get(offset);
      if (group === undefined || decision.kind === 'held') continue;
      const { episode, from } = this.#episodes.get(group) ?? { episode: 1, from: 0n };
      if (offset < from) continue;
      const plan = decision.kind === 'skipped' ? decision.by : this.#plan;
      const name = `${plan} ${group}`;
      const known = this.#sent.get(name);
      if (known !== undefined) known.letters += 1;
      else if (this.#sent.size < groupsAtMost) this.#sent.set(name, { group, episode, plan, letters: 1 });
    }
  }

  get letters(): readonly SentLetters[] {
    return [...this.#sent.values()];
  }
}
