import { setTimeout as sleep } from 'node:timers/promises';
import { RuleBook } from '#functions/dead-letter-triage/classify/rules.ts';
import { diagnosePart } from '#functions/dead-letter-triage/diagnose/diagnose.ts';
import type { Diagnosis } from '#functions/dead-letter-triage/diagnose/diagnosis.ts';
import { type Judgement, judgeLetter } from '#functions/dead-letter-triage/judge-letter.ts';
import type { DeclaredSource } from '#functions/dead-letter-triage/letter/declared-source.ts';
import { type Letter, payloadBytes } from '#functions/dead-letter-triage/letter/letter.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { collect } from './collect.ts';

/** A letter of a real producer with what was found out about it. */
export interface JudgedLetter extends Judgement {
  readonly letter: Letter;
  readonly key: Diagnosis | undefined;
  readonly value: Diagnosis | undefined;
}

/** What is known of the values of a topic, and of who writes it. */
interface Known {
  readonly format?: 'json';
  readonly sources?: readonly DeclaredSource[];
}

/** Reads and judges the letters of a topic with one partition, once there are so many. */
export async function judgeLetters(
  link: KafkaLink,
  topic: string,
  count: number,
  { format, sources = [] }: Known = {},
): Promise<JudgedLetter[]> {
  const reader = new RecordReader(link);
  const read = async () => (await collect(reader.read(topic, 0, 0n))).flatMap(({ records }) => records);
  let records = await read();
  const until = performance.now() + 60_000;
  while (records.length < count && performance.now() < until) {
    await sleep(100);
    records = await read();
  }
  if (records.length !== count) throw new Error(`${topic} has ${records.length} letters, not ${count}`);
  return await Promise.all(records.map((record) => judge(readLetter(record, sources), format)));
}

async function judge(letter: Letter, format?: 'json'): Promise<JudgedLetter> {
  const bytes = payloadBytes(letter);
  const look = (part: 'key' | 'value'): Promise<Diagnosis> | undefined => {
    const record = { key: null, value: null, headers: letter.record.headers, [part]: bytes[part] };
    return bytes[part] === undefined ? undefined : diagnosePart(part, record, part === 'value' ? { format } : {});
  };
  const [key, value] = [await look('key'), await look('value')];
  const diagnosis = { ...(key && { key }), ...(value && { value }) };
  return { letter, key, value, ...judgeLetter(letter, diagnosis, new RuleBook([])) };
}
