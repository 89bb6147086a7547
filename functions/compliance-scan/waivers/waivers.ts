import type { VerdictResource } from '../model/verdict.ts';
import { isAbout, type Waiver } from './waiver.ts';

/** The waivers of a run. Pure: what holds is decided by the time that is given. */
export class Waivers {
  readonly all: readonly Waiver[];
  readonly #now: number;
  readonly #used = new Set<string>();

  constructor(all: readonly Waiver[], now: number) {
    this.all = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    this.#now = now;
  }

  /** Labels that verdicts must keep, since waivers select by them. */
  get labels(): string[] {
    return [...new Set(this.all.flatMap(({ resource }) => Object.keys(resource.labels ?? {})))].toSorted();
  }

  /** Ids of waivers that were about a finding. */
  get used(): string[] {
    return [...this.#used];
  }

  /** The id of the first waiver that holds for a finding, by their ids. */
  waiverOf(finding: { readonly rule: string; readonly resource: VerdictResource }): string | undefined {
    let holding: string | undefined;
    for (const waiver of this.all) {
      if (this.isOver(waiver) || !isAbout(waiver, finding)) continue;
      // Also those that come second are of use: the first one may end.
      this.#used.add(waiver.id);
      holding ??= waiver.id;
    }
    return holding;
  }

  isOver({ expires }: Waiver): boolean {
    return expires <= this.#now;
  }
}
