import type { SweepOutcome } from './scan/sweep.ts';
import type { Transition } from './state/finding.ts';
import type { Settled } from './apply.ts';

/** The numbers of a run. */
export interface Summary {
  readonly status: 'nothing' | 'done' | 'partial';
  readonly scopes: number;
  readonly resources: number;
  /** Findings that fail, waived ones apart. */
  readonly open: number;
  readonly waived: number;
  readonly transitions: Readonly<Record<Transition['kind'], number>>;
  readonly incomplete: number;
  readonly left: number;
}

/** Transitions that a dry run shows. */
const shownTransitions = 200;

/** Counts what becomes of listings, one by one, so that their findings need not be kept. */
export class Tally {
  readonly transitions = { opened: 0, changed: 0, resolved: 0, reopened: 0, waived: 0 };
  /** The first ones, for people to look at. */
  readonly shown: Transition[] = [];
  #open = 0;
  #waived = 0;

  add({ state, transitions }: Settled): void {
    for (const finding of state.findings.values()) {
      if (finding.state === 'open') this.#open += 1;
      if (finding.state === 'waived') this.#waived += 1;
    }
    for (const transition of transitions) {
      this.transitions[transition.kind] += 1;
      if (this.shown.length < shownTransitions) this.shown.push(transition);
    }
  }

  get isAnything(): boolean {
    return Object.values(this.transitions).some((count) => count > 0);
  }

  /** The numbers of a sweep. */
  summarise({ incomplete, left, scopes, resources }: SweepOutcome): Summary {
    const isPartial = incomplete.length > 0 || left.length > 0;
    return {
      status: isPartial ? 'partial' : this.isAnything ? 'done' : 'nothing',
      scopes,
      resources,
      open: this.#open,
      waived: this.#waived,
      transitions: this.transitions,
      incomplete: incomplete.length,
      left: left.length,
    };
  }
}
