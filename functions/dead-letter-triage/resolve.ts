import { LakewardenError } from '#shared/errors/error.ts';
import type { Group } from './group/group.ts';
import { resolveGroups } from './group/resolve-groups.ts';
import { type RunTools, turnTools } from './run.ts';
import { amendGroups } from './state/amend.ts';

/** Resolves groups of a topic whose letters were handled, and answers which were open. @throws event.invalid, kafka.fenced */
export async function resolveByHand(topic: string, ids: ReadonlySet<string>, tools: RunTools): Promise<Set<string>> {
  const { clients, announce, now } = tools;
  const found = await clients.admin.describe(topic);
  if (found === undefined) throw new LakewardenError('event.invalid', `there is no topic ${topic}`);
  const states = await tools.state.loadAll<Group>(tools.signal);
  const resolved = new Set<string>();
  for (let partition = 0; partition < found.partitions; partition += 1) {
    const place = { topic, partition };
    if (![...ids].some((id) => states.state(place).groups.get(id)?.state === 'open')) continue;
    await amendGroups<Group>(place, turnTools(tools), async (groups) => {
      const { changed, transitions } = resolveGroups(groups.values(), { now: now(), quietMs: Infinity, handled: ids });
      for (const transition of transitions) {
        await announce.changed(place, changed.get(transition.group) as Group, transition);
        resolved.add(transition.group);
      }
      return changed;
    });
  }
  return resolved;
}
