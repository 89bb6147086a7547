import type { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { isDeadLetterTopic, type Settings } from './config.ts';
import type { Request } from './doorbell.ts';
import type { Problem } from './problem.ts';
import type { LogPlace } from './state/state-record.ts';

/** The partitions that a request asks for, in the order of their names; what is not there is told. */
export async function findPlaces(
  { scope }: Request,
  settings: Settings,
  admin: TopicAdmin,
): Promise<{ places: LogPlace[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const wanted = new Map<string, number[] | undefined>();
  if (scope.kind === 'places')
    for (const { topic, partition } of scope.places) wanted.set(topic, [...(wanted.get(topic) ?? []), partition]);
  else if (scope.kind === 'topics') for (const topic of scope.topics) wanted.set(topic, undefined);
  else for (const topic of await admin.list()) if (isDeadLetterTopic(settings, topic)) wanted.set(topic, undefined);
  const places: LogPlace[] = [];
  const known = await admin.describeAll({ topics: [...wanted.keys()] });
  for (const [topic, partitions] of [...wanted].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const found = known.get(topic);
    if (found === undefined) {
      problems.push({ code: 'topic.missing', message: `there is no topic ${topic}, or we may not see it`, topic });
      continue;
    }
    const all = Array.from({ length: found.partitions }, (_, partition) => partition);
    for (const partition of (partitions ?? all).toSorted((a, b) => a - b))
      if (partition < found.partitions) places.push({ topic, partition });
      else problems.push({ code: 'event.place', message: `${topic} has no partition ${partition}`, topic, partition });
  }
  return { places, problems };
}
