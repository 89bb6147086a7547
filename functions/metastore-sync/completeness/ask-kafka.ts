import { asError } from '#shared/errors/error.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { lookAtLog, type LogAnswer, type LogQuestion } from './look-at-log.ts';
import type { Clients } from '../survey.ts';

/** What Kafka says of a topic, when the settings name a cluster; what it cannot say, and why, is the objection. */
export async function askKafka(
  { kafka, hdfs }: Clients,
  { completeness: { zone, latenessMinutes } }: Settings,
  { kafkaTopic }: TopicSettings,
  question: Pick<LogQuestion, 'progress' | 'doubtful' | 'before' | 'label'>,
): Promise<{ readonly answer?: LogAnswer; readonly objection?: string }> {
  if (kafka === undefined) return {};
  const now = await hdfs.serverTime();
  const whole = { ...question, kafkaTopic, zone, latenessMs: latenessMinutes * 60_000, now };
  try {
    const answer = await kafka.ask((log) => lookAtLog(log, whole));
    return { answer, ...(answer.objection === undefined ? {} : { objection: answer.objection }) };
  } catch (thrown) {
    const error = asError(thrown);
    if (!error.code.startsWith('kafka.')) throw error;
    return { objection: error.message };
  }
}
