import type { Source } from '../inventory/source.ts';
import type { Resource, Scope } from '../model/resource.ts';
import { toResource, waiverKind, waiverScope } from './waiver-resource.ts';
import type { Waivers } from './waivers.ts';

/** Lists the waivers of a run as resources; `used` are ids of those that something needs, when that is known. */
export function createWaiverSource({ all }: Waivers, used: ReadonlySet<string> | undefined): Source {
  const resources = all.map((waiver) => toResource(waiver, used?.has(waiver.id)));
  return {
    name: 'lakewarden',
    async *scopes(kinds): AsyncGenerator<Scope> {
      if (kinds.has(waiverKind)) yield { id: waiverScope, kind: waiverKind };
    },
    async *list(): AsyncGenerator<readonly Resource[]> {
      yield resources;
    },
    read: ({ uid }) => Promise.resolve(resources.find((resource) => resource.uid === uid)),
    changes: () => undefined,
    close: () => Promise.resolve(),
  };
}
