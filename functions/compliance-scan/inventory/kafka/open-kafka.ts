import type { z } from 'zod';
import type { Source } from '../source.ts';
import { KafkaSource } from './kafka-source.ts';
import type { kafkaSettings } from './settings.ts';

/** The resources of a Kafka cluster; nothing is loaded or connected yet. */
export function openKafka(settings: z.output<typeof kafkaSettings>): Source {
  return new KafkaSource(settings);
}
