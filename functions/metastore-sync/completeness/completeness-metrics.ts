import { Gauge, type Registry } from 'prom-client';
import { countOffsets, parseRanges } from '#shared/lake/offset-ranges.ts';
import type { PartitionProgress, TopicProgress } from './completeness.ts';

/** Topics beyond this number get no metrics. */
const topicsAtMost = 1_000;

/** Registers what is known of the offsets of topics; the returned function notes one topic's progress. */
export function createCompletenessMetrics(registry: Registry): (topic: string, progress: TopicProgress) => void {
  const topics = new Set<string>();
  const gauge = (name: string, help: string): Gauge<'topic'> =>
    new Gauge({ name: `lakewarden_topic_${name}`, help, labelNames: ['topic'], registers: [registry] });
  const queryable = gauge(
    'queryable_offset',
    'Everything below this offset is queryable, summed over Kafka partitions',
  );
  const end = gauge('log_end_offset', 'End of the log, summed over Kafka partitions');
  const lagRecords = gauge('lag_records', 'Offsets of the log that are not queryable');
  const lagSeconds = gauge('lag_seconds', 'Age of the oldest record that is not queryable');
  const missing = gauge('missing_offsets', 'Offsets that are in no file, although later ones are');
  const lost = gauge('lost_offsets', 'Offsets that Kafka deleted before they came, as far as they are remembered');
  const until = gauge('complete_until_timestamp_seconds', 'Up to which time everything is queryable (Unix time)');
  const known = gauge(
    'completeness_known',
    'Whether Kafka could be asked, so that completeness is known (1) or not (0)',
  );
  return (topic, progress) => {
    if (!topics.has(topic) && topics.size >= topicsAtMost) return;
    topics.add(topic);
    const sum = (measure: (partition: PartitionProgress) => bigint): number =>
      Number(progress.partitions.reduce((total, partition) => total + measure(partition), 0n));
    queryable.set(
      { topic },
      sum(({ next = '0' }) => BigInt(next)),
    );
    missing.set(
      { topic },
      sum((partition) => countOffsets(parseRanges(partition.missing ?? '') ?? [])),
    );
    lost.set(
      { topic },
      sum((partition) => countOffsets(parseRanges(partition.lost ?? '') ?? [])),
    );
    known.set({ topic }, Number(progress.asked));
    if (progress.complete !== undefined) until.set({ topic }, Date.parse(progress.complete.until) / 1_000);
    if (progress.lag === undefined) return;
    end.set(
      { topic },
      sum((partition) => BigInt(partition.end ?? '0')),
    );
    lagRecords.set({ topic }, Number(progress.lag.records));
    if (progress.lag.seconds !== undefined) lagSeconds.set({ topic }, progress.lag.seconds);
  };
}
