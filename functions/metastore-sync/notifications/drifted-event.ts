import type { CloudEventOut } from '#shared/events/event.ts';
import { syncEvent } from '../announce.ts';
import type { TopicReport } from '../examine/examine-topic.ts';

const shownFindings = 100;

/** `table.drifted`: what somebody changed by hand on a table; `since` names the changes that made us look. */
export function driftedEvent(
  instance: string,
  { topic, table, findings }: TopicReport,
  since?: { readonly metastore: string; readonly events: readonly bigint[] },
): CloudEventOut {
  const data = {
    topic,
    table,
    findings: findings.slice(0, shownFindings),
    findingCount: findings.length,
    ...(since === undefined ? {} : { since: { ...since, events: since.events.slice(0, shownFindings) } }),
  };
  const idParts = [JSON.stringify(findings), since?.metastore ?? '', ...(since?.events ?? [])];
  return syncEvent(instance, 'table.drifted', data, idParts, table);
}
