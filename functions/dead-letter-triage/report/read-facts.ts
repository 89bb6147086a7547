import { isError } from '#shared/errors/error.ts';
import type { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import type { TopicLimits } from '#shared/kafka/topic-limits.ts';
import type { Clients } from '../clients.ts';
import { isDeadLetterTopic, type Settings } from '../config.ts';
import type { Group } from '../group/group.ts';
import { readKept } from '../retention/retention-kept.ts';
import { findState } from '../state/open-state.ts';
import type { StateReplay } from '../state/state-record.ts';
import type { PartitionFacts, ReportFacts } from './facts.ts';

/** What reading needs. */
export interface FactsTools {
  readonly clients: Pick<Clients, 'link' | 'admin'>;
  readonly settings: Settings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads what is known of all dead letter topics, and of those that only the state still knows; or of some topics alone. Changes
 * nothing. @throws config.invalid for a state topic with another number of partitions than the settings say
 */
export async function readFacts(tools: FactsTools, only?: readonly string[]): Promise<ReportFacts> {
  const { clients, settings, now } = tools;
  const states = await (await findState(settings.state, clients, tools.signal)).loadAll<Group>(tools.signal);
  const known = [...states.states()].map(({ place }) => place.topic);
  const found = (await clients.admin.list()).filter((topic) => isDeadLetterTopic(settings, topic));
  const topics = [...new Set([...found, ...known])].filter((topic) => only === undefined || only.includes(topic));
  const partitions: PartitionFacts[] = [];
  for (const topic of topics.toSorted()) partitions.push(...(await readTopic(topic, states, tools)));
  return { now, partitions };
}

async function readTopic(topic: string, states: StateReplay<Group>, tools: FactsTools): Promise<PartitionFacts[]> {
  const { clients, settings, signal } = tools;
  const groupsOf = (partition: number): Group[] => [...states.state({ topic, partition }).groups.values()];
  const found = await clients.admin.describe(topic, { signal });
  if (found === undefined)
    return [...states.states()]
      .filter(({ place }) => place.topic === topic)
      .map(({ place: { partition } }) => ({ topic, partition, groups: groupsOf(partition) }));
  const numbers = Array.from({ length: found.partitions }, (_, partition) => partition);
  const logs = await clients.admin.bounds(topic, numbers, { signal });
  const positions = await clients.admin.groupPositions(settings.group, topic, numbers, { signal });
  const limits = await readLimits(topic, clients.admin, signal);
  const facts: PartitionFacts[] = [];
  for (const partition of numbers) {
    const log = logs.get(partition) ?? { earliest: 0n, end: 0n };
    const position = positions.get(partition);
    const kept = limits && (await readKept({ topic, partition }, log.earliest, limits, clients, signal));
    facts.push({
      topic,
      partition,
      groups: groupsOf(partition),
      log,
      ...(position === undefined ? {} : { position }),
      ...(kept && { kept }),
    });
  }
  return facts;
}

/** Undefined where we may not know: that is told, and hides nothing else. */
async function readLimits(
  topic: string,
  admin: TopicAdmin,
  signal: AbortSignal | undefined,
): Promise<TopicLimits | undefined> {
  try {
    return await admin.limits(topic, { signal });
  } catch (error) {
    if (isError(error, 'kafka.access_denied', 'kafka.protocol')) return undefined;
    throw error;
  }
}
