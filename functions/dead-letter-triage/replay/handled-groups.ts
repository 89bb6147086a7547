import { isError } from '#shared/errors/error.ts';
import type { Announce } from '../announce.ts';
import type { Clients } from '../clients.ts';
import type { Settings } from '../config.ts';
import type { Group, Transition } from '../group/group.ts';
import { noteReplays, type SentLetters } from '../group/handled.ts';
import { resolveGroups } from '../group/resolve-groups.ts';
import { positionOf } from '../run.ts';
import { amendGroups } from '../state/amend.ts';
import { findState } from '../state/open-state.ts';
import type { LogPlace } from '../state/state-record.ts';
import type { ReplayTools } from './replay-tools.ts';

/** Turns of triage that may come between before it is given up. */
const attempts = 5;
const pauseMs = 300;

/** Tells triage which letters replays sent back: they are handled. */
export class HandledGroups {
  readonly #settings: Settings;
  readonly #clients: Clients;
  readonly #announce: Announce;
  readonly #clock: Pick<ReplayTools, 'now' | 'wait' | 'signal'>;

  constructor(
    settings: Settings,
    clients: Clients,
    announce: Announce,
    clock: Pick<ReplayTools, 'now' | 'wait' | 'signal'>,
  ) {
    this.#settings = settings;
    this.#clients = clients;
    this.#announce = announce;
    this.#clock = clock;
  }

  /** What triage knows of a partition's groups; none before its first run. @throws config.invalid as {@link findState} */
  async load(place: LogPlace): Promise<ReadonlyMap<string, Group>> {
    const { signal } = this.#clock;
    const state = await findState(this.#settings.state, this.#clients, signal);
    return (await state.load<Group>(place, signal)).groups;
  }

  /**
   * Notes what was sent back from a partition up to an offset, resolves groups of which all letters were, and answers how many.
   * Doing it again changes nothing. @throws kafka.fenced when turns of triage come between each time
   */
  async note(place: LogPlace, sent: readonly SentLetters[], last: bigint): Promise<number> {
    const { now, wait, signal } = this.#clock;
    if (sent.length === 0) return 0;
    const state = await findState(this.#settings.state, this.#clients, signal);
    const tools = { link: this.#clients.link, state, group: this.#settings.group, now, signal };
    const position = await positionOf(place, tools);
    // Letters that triage has not come to will be counted yet; then its own run resolves the group.
    const isRead = position !== undefined && position > last;
    const change = (groups: ReadonlyMap<string, Group>) => planNote(groups, sent, isRead, now());
    // Whoever has nothing to change fences nobody off.
    if (change(await this.load(place)).changed.size === 0) return 0;
    for (let attempt = 1; ; attempt += 1) {
      let resolved = 0;
      try {
        await amendGroups<Group>(place, tools, async (groups) => {
          const { changed, transitions } = change(groups);
          for (const one of transitions) await this.#announce.changed(place, changed.get(one.group) as Group, one);
          resolved = transitions.length;
          return changed;
        });
        return resolved;
      } catch (error) {
        if (!isError(error, 'kafka.fenced') || attempt === attempts) throw error;
        await wait(pauseMs * attempt);
      }
    }
  }
}

function planNote(groups: ReadonlyMap<string, Group>, sent: readonly SentLetters[], isRead: boolean, now: number) {
  const noted = noteReplays(groups, sent, now);
  const touched = sent.flatMap(({ group }) => noted.get(group) ?? groups.get(group) ?? []);
  const none: { changed: ReadonlyMap<string, Group>; transitions: readonly Transition[] } = {
    changed: new Map(),
    transitions: [],
  };
  const settled = isRead ? resolveGroups(new Set(touched), { now, quietMs: Infinity, handled: new Set() }) : none;
  return { changed: new Map([...noted, ...settled.changed]), transitions: settled.transitions };
}
