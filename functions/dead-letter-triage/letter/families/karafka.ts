import * as fields from '../field.ts';
import type { HeaderFamily } from '../header-family.ts';

/** Karafka (Ruby). The names are common ones, so that only three of them together are proof; it tells no reason. */
export const karafka: HeaderFamily = {
  name: 'karafka',
  kind: 'failure',
  adds: 'behind',
  signs: [['source_topic', 'source_partition', 'source_offset']],
  fields: {
    source_topic: fields.topic,
    source_partition: fields.partitionText,
    source_offset: fields.offsetText,
    source_consumer_group: fields.group,
    source_attempts: fields.attemptsText,
    source_trace_id: fields.extra('traceId'),
  },
};
