/** What is known of one partition of a dead letter topic and of its unhandled letters. */
export interface RetentionFacts {
  /** Milliseconds since the epoch, as are all times here. */
  readonly now: number;
  /** The topic's `retention.ms`; undefined when letters are kept for ever. */
  readonly retentionMs?: number;
  /** The topic's `retention.bytes`; undefined when there is no limit. */
  readonly retentionBytes?: number;
  /** Bytes of the log, and how old its oldest record is. */
  readonly logBytes?: number;
  readonly oldestTimestamp?: number;
  /** True when the topic is compacted: a newer letter of the same key deletes an older one. */
  readonly isCompacted: boolean;
  /** The log's first offset. */
  readonly earliest: bigint;
  /** The oldest unhandled letter; undefined when all were handled. */
  readonly unhandled?: { readonly offset: bigint; readonly timestamp: number };
}

/** What retention is about to do to unhandled letters. */
export interface RetentionThreat {
  /** Letters that were deleted unhandled, at most: offsets may have been holes. */
  readonly lost: bigint;
  /** When the next unhandled letter may be deleted, at the earliest. */
  readonly deletedFrom?: number;
  readonly by?: 'time' | 'size' | 'compaction';
  /** Milliseconds until then, 0 when it may happen at any time. */
  readonly leftMs?: number;
}

/** Reckons from given numbers when unhandled letters will be deleted. Pure; clocks that go wrong never make a time negative. */
export function judgeRetention(facts: RetentionFacts): RetentionThreat {
  const { now, unhandled, earliest } = facts;
  if (unhandled === undefined) return { lost: 0n };
  const lost = earliest > unhandled.offset ? earliest - unhandled.offset : 0n;
  if (facts.isCompacted) return { lost, deletedFrom: now, by: 'compaction', leftMs: 0 };
  const ends = [
    { by: 'time' as const, at: endByTime(facts, unhandled.timestamp) },
    { by: 'size' as const, at: endBySize(facts) },
  ].filter((end): end is { by: 'time' | 'size'; at: number } => end.at !== undefined);
  const [first] = ends.toSorted((a, b) => a.at - b.at);
  if (first === undefined) return { lost };
  return { lost, deletedFrom: first.at, by: first.by, leftMs: Math.max(0, first.at - now) };
}

function endByTime({ retentionMs }: RetentionFacts, timestamp: number): number | undefined {
  return retentionMs === undefined ? undefined : timestamp + retentionMs;
}

/** At the pace at which the log has grown so far. */
function endBySize({ now, retentionBytes, logBytes, oldestTimestamp }: RetentionFacts): number | undefined {
  if (retentionBytes === undefined || logBytes === undefined) return undefined;
  const room = retentionBytes - logBytes;
  if (room <= 0) return now;
  const age = oldestTimestamp === undefined ? 0 : now - oldestTimestamp;
  if (age <= 0 || logBytes <= 0) return undefined;
  return now + Math.floor((room * age) / logBytes);
}
