import { setTimeout as sleep } from 'node:timers/promises';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { originalsOf } from '#functions/dead-letter-triage/letter/originals.ts';
import { Understanding, type UnderstoodLetter } from '#functions/dead-letter-triage/understand.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { collect } from './collect.ts';

/** Settings of the function that say what is known of letters. */
export interface KnownOfLetters {
  readonly sources?: readonly object[];
  readonly expectations?: readonly object[];
}

/** Keys and values of all topics are JSON. */
export const allJson: KnownOfLetters = {
  expectations: [{ topic: '*', key: { format: 'json' }, value: { format: 'json' } }],
};

/** Reads the letters of a topic with one partition, once there are so many, and understands them as the function does. */
export async function understandLetters(
  link: KafkaLink,
  topic: string,
  count: number,
  known: KnownOfLetters = {},
): Promise<UnderstoodLetter[]> {
  const reader = new RecordReader(link);
  const read = async () => (await collect(reader.read(topic, 0, 0n))).flatMap(({ records }) => records);
  let records = await read();
  const until = performance.now() + 60_000;
  while (records.length < count && performance.now() < until) {
    await sleep(100);
    records = await read();
  }
  if (records.length !== count) throw new Error(`${topic} has ${records.length} letters, not ${count}`);
  const settings = settingsSchema.parse({ topics: [topic], kafka: { brokers: ['unused:9092'] }, ...known });
  return await new Understanding(settings, { fetchOriginal: originalsOf(link) }).understand(records, new Map());
}
