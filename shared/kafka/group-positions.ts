import { setTimeout as sleep } from 'node:timers/promises';
import { isError, LakewardenError } from '../errors/error.ts';
import type { CallLimits, KafkaLink } from './kafka-link.ts';

/** Where a group goes on in a partition. */
export interface GroupPosition {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the next record to take. */
  readonly next: bigint;
}

/** How positions are read. */
export interface PositionOptions extends CallLimits {
  /** `committed` takes no notice of transactions that are under way, whose positions may count a moment later. */
  readonly isolation?: 'stable' | 'committed';
}

/**
 * The committed positions of a group in partitions of a topic, none where it has none. Waits for transactions that are just
 * ending, since an answer without them would be stale; but one whose writer was killed ends only when another one fences it
 * off, or after its time. @throws kafka.unavailable, kafka.access_denied, kafka.protocol
 */
export async function readGroupPositions(
  link: KafkaLink,
  group: string,
  topic: string,
  partitions: readonly number[],
  { isolation = 'stable', ...limits }: PositionOptions = {},
): Promise<Map<number, bigint>> {
  const admin = await link.admin();
  const groups = [{ groupId: group, topics: [{ name: topic, partitionIndexes: [...partitions] }] }];
  const ask = () => admin.listConsumerGroupOffsets({ groups, requireStable: isolation === 'stable' });
  const listed = await askUntilStable(
    () => link.call(ask, `asking for positions of group ${group}`, limits),
    link,
    limits,
  );
  const told = listed.find(({ groupId }) => groupId === group)?.topics.find(({ name }) => name === topic)?.partitions;
  const positions = new Map(told?.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]));
  // A position that is not told would start the group's work anew.
  if (partitions.some((partition) => !positions.has(partition)))
    throw new LakewardenError('kafka.protocol', `Kafka: the positions of group ${group} are not complete`);
  return new Map([...positions].filter(([, next]) => next >= 0n));
}

/** The client asks again only a few times, which is less than a transaction may take to end. */
async function askUntilStable<Answer>(
  ask: () => Promise<Answer>,
  link: KafkaLink,
  { limitMs = link.options.deadlineMs, signal }: CallLimits,
): Promise<Answer> {
  const until = performance.now() + limitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isError(error, 'kafka.unavailable') || performance.now() >= until) throw error;
    }
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}

const pauseMs = 50;
