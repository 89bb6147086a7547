import { javaPartition } from '#shared/kafka/java-partition.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Clients } from './clients.ts';
import type { Settings } from './config.ts';
import { encodeEventRecord, isSameEvent } from './event-record.ts';
import type { LogPlace } from './state/state-record.ts';

/** How far back a repeated delivery is looked for, in offsets; dead letter sinks repeat within seconds. */
const lookBack = 500n;

/**
 * Writes an event that nobody took into our own dead letter topic, which is made when it is missing, and answers where. A
 * delivery that is repeated is found there and not written again. @throws kafka.invalid when it is too long
 */
export async function keepUndelivered(
  event: CloudEventIn,
  settings: Settings,
  { link, admin }: Pick<Clients, 'link' | 'admin'>,
  { now, signal }: { readonly now: number; readonly signal?: AbortSignal | undefined },
): Promise<LogPlace> {
  const { topic, partitions, replicas } = settings.knativeLetters as NonNullable<Settings['knativeLetters']>;
  await admin.create(topic, replicas === undefined ? { partitions } : { partitions, replicas });
  const count = (await admin.describe(topic))?.partitions ?? partitions;
  // All deliveries of one event go to one partition, by one writer after the other.
  const partition = javaPartition(Buffer.from(`${event.source}\0${event.id}`), count);
  const writer = new TransactionalWriter(link, `${settings.group}-undelivered-${topic}-${partition}`, { signal });
  try {
    await writer.begin();
    const { earliest = 0n, end = 0n } = (await logBounds(link, topic, [partition], { signal })).get(partition) ?? {};
    const from = end - lookBack > earliest ? end - lookBack : earliest;
    for await (const { records } of new RecordReader(link).read(topic, partition, from, end, signal ? { signal } : {}))
      if (records.some((record) => isSameEvent(record, event))) return { topic, partition };
    await writer.send([{ topic, partition, timestamp: BigInt(now), ...encodeEventRecord(event) }]);
    await writer.commit();
    await writer.settle();
    return { topic, partition };
  } finally {
    await writer.close();
  }
}
