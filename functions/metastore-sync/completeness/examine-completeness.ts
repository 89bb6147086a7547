import { calendarLabel } from '#shared/lake/calendar.ts';
import { askKafka } from './ask-kafka.ts';
import { coverMore, describeTopic, type TopicProgress } from './completeness.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { readHeldOffsets } from './held-offsets.ts';
import { openGaps, type Progress, readOffsetState } from './offset-state.ts';
import { type Overlap, overlapsBetween, parseHeld } from './offsets.ts';
import type { Clients } from '../survey.ts';

/** How far one topic is queryable, and what is wrong with its offsets. */
export interface CompletenessReport {
  readonly topic: string;
  readonly table: string;
  readonly kafkaTopic: string;
  readonly progress: TopicProgress;
  readonly overlapped: readonly Overlap[];
  /** Why completeness is unknown, though it was asked for. */
  readonly unknown?: string;
}

/** Reckons anew, from all registered partitions, how far a topic is queryable. Writes nothing. */
export async function examineCompleteness(
  clients: Clients,
  settings: Settings,
  topic: TopicSettings,
): Promise<CompletenessReport> {
  const table = await clients.metastore.table(topic.database, topic.table);
  const before = readOffsetState(table);
  const held = table === undefined ? [] : await readHeldOffsets(clients, settings, topic);
  const progress = coverMore(before?.partitions ?? new Map<number, Progress>(), [], held);
  const [label] = held.flatMap(({ values }) => calendarLabel(topic.templates[0]?.keys ?? [], values) ?? []);
  const doubtful = new Map([...progress].map(([number, own]) => [number, openGaps(own)]));
  const question = { progress, doubtful, before, label };
  const asked = progress.size > 0 ? await askKafka(clients, settings, topic, question) : {};
  const { answer, objection } = asked;
  const complete = answer?.complete ?? before?.complete;
  return {
    topic: topic.topic,
    table: `${topic.database}.${topic.table}`,
    kafkaTopic: topic.kafkaTopic,
    progress: describeTopic(answer?.progress ?? progress, answer, complete, settings.completeness.zone),
    overlapped: overlapsBetween(
      held.map(({ path, offsets }) => ({ path, held: parseHeld(offsets) ?? new Map<number, never>() })),
    ),
    ...(objection === undefined ? {} : { unknown: objection }),
  };
}
