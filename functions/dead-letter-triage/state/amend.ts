import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { LogPlace } from './state-record.ts';
import type { TurnTools } from './turn.ts';

/**
 * Changes groups of a partition between two turns, and answers which. A turn that is under way is fenced off; its batch is done
 * again by the next one. @throws kafka.fenced when a younger turn takes over
 */
export async function amendGroups<Group>(
  place: LogPlace,
  { link, state, group, now, signal }: Pick<TurnTools<Group>, 'link' | 'state' | 'group' | 'now' | 'signal'>,
  change: (groups: ReadonlyMap<string, Group>) => Promise<ReadonlyMap<string, Group | null>>,
): Promise<ReadonlyMap<string, Group | null>> {
  const writer = new TransactionalWriter(link, `${group}-${place.topic}-${place.partition}`, { signal });
  try {
    await writer.begin();
    const { groups } = await state.load<Group>(place, signal);
    const changed = await change(groups);
    if (changed.size === 0) return changed;
    await writer.send(state.records(place, { groups: changed }, now()));
    await writer.commit();
    return changed;
  } finally {
    await writer.close();
  }
}
