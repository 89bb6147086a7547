import type { Group, Transition } from './group.ts';
import { lastReplay, unhandledLetters } from './handled.ts';

/** Groups that changed, and what is told of them. */
export interface Resolved {
  readonly changed: ReadonlyMap<string, Group>;
  readonly transitions: readonly Transition[];
}

/**
 * Resolves groups: those of which all letters were handled, by hand or by replays, and those to which no letter was added for
 * long. Pure; times are in milliseconds.
 */
export function resolveGroups(
  groups: Iterable<Group>,
  { now, quietMs, handled }: { readonly now: number; readonly quietMs: number; readonly handled: ReadonlySet<string> },
): Resolved {
  const changed = new Map<string, Group>();
  const transitions: Transition[] = [];
  for (const group of groups) {
    if (group.state === 'resolved') continue;
    const isReplayed = unhandledLetters(group) === 0;
    const isHandled = isReplayed || handled.has(group.id);
    if (!isHandled && now - (group.countedAt ?? group.lastSeen) < quietMs) continue;
    changed.set(group.id, { ...group, state: 'resolved' });
    transitions.push({
      kind: 'resolved',
      group: group.id,
      episode: group.episode,
      because: isHandled ? 'handled' : 'quiet',
      ...(isReplayed ? { plan: lastReplay(group)?.plan ?? '' } : {}),
    });
  }
  return { changed, transitions };
}
