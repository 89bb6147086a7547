import { isError } from '#shared/errors/error.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { asBuffer } from '../letter/bytes.ts';
import { formatPlace, replayHeaders } from '../letter/replay-headers.ts';
import type { SelectedLetter } from './read-window.ts';
import { refuseTarget } from './targets.ts';
import type { FixedReplay, Outdated } from './survey.ts';
import type { ReplayTools } from './replay-tools.ts';

/** Records of one partition of a topic that are looked at for one window. */
const recordsAtMost = 200_000n;

/**
 * Finds letters whose key has records behind theirs, in the partition they came from, which did not fail: replaying them would
 * put old data over new. What the plan wrote itself does not count.
 */
export async function findOutdated(
  letters: readonly SelectedLetter[],
  { id, replay }: FixedReplay,
  outdated: Outdated,
  { link, rules, signal }: ReplayTools,
): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  const admin = new TopicAdmin(link);
  for (const [topic, partition, own] of groupByOrigin(letters)) {
    if (refuseTarget(topic, replay.filter.topic, rules) !== undefined) continue;
    const failed = new Set(own.map(({ offset }) => offset));
    const wanted = new Set(own.map(({ key }) => key));
    const first = own.reduce((least, { offset }) => (offset < least ? offset : least), own[0]?.offset ?? 0n) + 1n;
    try {
      // Headers may say anything, and topics are made anew with fewer partitions.
      const partitions = (await admin.describe(topic, options))?.partitions ?? 0;
      if (partition >= partitions) {
        outdated.unknown += own.length;
        continue;
      }
      const bounds = (await logBounds(link, topic, [partition], options)).get(partition);
      if (bounds === undefined || first >= bounds.end) continue;
      const start = first > bounds.earliest ? first : bounds.earliest;
      const end = start + recordsAtMost < bounds.end ? start + recordsAtMost : bounds.end;
      const newest = new Map<string, bigint>();
      for await (const { records } of new RecordReader(link).read(topic, partition, start, end, options))
        for (const record of records) {
          if (record.key === null || failed.has(record.offset) || isOwn(record, id)) continue;
          const key = asBuffer(record.key).toString('base64');
          if (wanted.has(key)) newest.set(key, record.offset);
        }
      for (const { key, offset, letter } of own)
        if ((newest.get(key) ?? -1n) > offset) outdated.letters.set(formatPlace(letter.record.place));
        else if (end < bounds.end) outdated.unknown += 1;
    } catch (error) {
      if (!isError(error, 'kafka.not_found', 'kafka.out_of_range', 'kafka.access_denied')) throw error;
      outdated.unknown += own.length;
    }
  }
}

interface KeyedLetter {
  readonly letter: SelectedLetter;
  readonly key: string;
  readonly offset: bigint;
}

function groupByOrigin(
  letters: readonly SelectedLetter[],
): [topic: string, partition: number, letters: KeyedLetter[]][] {
  const groups = new Map<string, [string, number, KeyedLetter[]]>();
  for (const letter of letters) {
    const { topic, partition, offset, maybeId } = letter.origin ?? {};
    const { key } = letter.record;
    if (topic === undefined || partition === undefined || offset === undefined || maybeId === true || key === null)
      continue;
    if (!/^[\w.-]{1,249}$/.test(topic)) continue;
    const name = `${partition} ${topic}`;
    const group = groups.get(name) ?? [topic, partition, []];
    groups.set(name, group);
    group[2].push({ letter, key: asBuffer(key).toString('base64'), offset });
  }
  return [...groups.values()];
}

function isOwn({ headers }: KafkaRecord, id: string): boolean {
  return headers.some(
    ([name, value]) => value !== null && String(asBuffer(name)) === replayHeaders.id && String(asBuffer(value)) === id,
  );
}
