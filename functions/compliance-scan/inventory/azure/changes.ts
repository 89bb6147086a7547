import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Change } from '../source.ts';
import { groupKind, parseGroupId, scopeOf } from './normalise.ts';

/**
 * What an event of Azure's Event Grid (in the form of CloudEvents) says of network security groups: a write or a deletion of one,
 * or of a rule in it. https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions
 */
export function readChanges(event: CloudEventIn, subscriptions: readonly string[]): readonly Change[] | undefined {
  const match = /^Microsoft\.Resources\.Resource(Write|Delete|Action)(Success|Failure|Cancel)$/.exec(event.type);
  if (match === null) return undefined;
  const [, what, end] = match;
  const id = resourceOf(event);
  const group = id === undefined ? undefined : parseGroupId(id);
  const subscription = subscriptions.find((one) => one.toLowerCase() === group?.subscription);
  if (end !== 'Success' || what === 'Action' || group === undefined || subscription === undefined) return [];
  const { resourceGroup, name, isGroup } = group;
  const reference = {
    kind: groupKind,
    scope: scopeOf(group.subscription),
    name,
    place: { subscription: group.subscription, resourceGroup },
  };
  // A rule that is gone is a change of its group.
  return [{ reference, deleted: what === 'Delete' && isGroup, happening: `azure/${what ?? ''}` }];
}

function resourceOf({ subject, data }: CloudEventIn): string | undefined {
  const { resourceUri } = (typeof data === 'object' && data !== null ? data : {}) as { resourceUri?: unknown };
  return typeof resourceUri === 'string' ? resourceUri : subject;
}
