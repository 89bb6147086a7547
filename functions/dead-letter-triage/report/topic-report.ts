import { unhandledLetters } from '../group/handled.ts';
import { judgeRetention, type RetentionThreat } from '../retention/retention.ts';
import type { PartitionFacts } from './facts.ts';
import type { ThreatReport, TopicReport } from './report.ts';
import { isoTime } from '#shared/page/times.ts';
import { findUnhandled } from '../group/unhandled.ts';

/** What is known of a topic: its lag, and what retention is about to do to its unhandled letters. */
export function makeTopicReport(
  topic: string,
  partitions: readonly PartitionFacts[],
  now: number,
  nearMs: number,
): TopicReport {
  const open = partitions.flatMap(({ groups }) => groups.filter(({ state }) => state === 'open'));
  const threats = partitions.map((partition) => judgePartition(partition, now));
  const [next] = threats
    .filter(({ deletedFrom, by }) => deletedFrom !== undefined && by !== undefined)
    .toSorted((a, b) => (a.deletedFrom ?? 0) - (b.deletedFrom ?? 0));
  return {
    topic,
    partitions: partitions.length,
    openGroups: new Set(open.map(({ id }) => id)).size,
    openLetters: open.reduce((sum, group) => sum + unhandledLetters(group), 0),
    unread: String(partitions.reduce((sum, partition) => sum + unreadOf(partition), 0n)),
    lost: String(threats.reduce((sum, { lost }) => sum + lost, 0n)),
    isRetentionKnown: partitions.every(isRetentionKnown),
    ...(next === undefined ? {} : { threat: tellThreat(next, nearMs) }),
  };
}

function tellThreat({ deletedFrom = 0, by = 'time', leftMs = 0 }: RetentionThreat, nearMs: number): ThreatReport {
  return { deletedFrom: isoTime(deletedFrom), by, leftMs, isNear: leftMs <= nearMs };
}

/** A limit by size says nothing without the size. */
function isRetentionKnown({ kept }: PartitionFacts): boolean {
  return kept !== undefined && (kept.retentionBytes === undefined || kept.isCompacted || kept.logBytes !== undefined);
}

function judgePartition({ groups, log, kept, position }: PartitionFacts, now: number): RetentionThreat {
  if (log === undefined || kept === undefined) return { lost: 0n };
  const unhandled = findUnhandled(groups);
  const threat = judgeRetention({ now, ...kept, earliest: log.earliest, ...(unhandled && { unhandled }) });
  // What triage has not come to is unhandled, too; nobody knows its time.
  const unread = position !== undefined && log.earliest > position ? log.earliest - position : 0n;
  return { ...threat, lost: threat.lost > unread ? threat.lost : unread };
}

function unreadOf({ log, position }: PartitionFacts): bigint {
  if (log === undefined) return 0n;
  const from = position === undefined || position < log.earliest ? log.earliest : position;
  return log.end > from ? log.end - from : 0n;
}
