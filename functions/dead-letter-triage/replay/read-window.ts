import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { fitsPattern } from '../pattern.ts';
import { firstOrigin, type Letter } from '../letter/letter.ts';
import { readLetter } from '../letter/read-letter.ts';
import { completeLetter } from './complete-letter.ts';
import { orderLetters } from './order-letters.ts';
import type { PlannedRange, Replay } from './plan-schema.ts';
import type { ReplayTools } from './replay-tools.ts';

/** Letters of a stretch of a dead letter partition. */
export interface Window {
  /** The offset behind it. */
  readonly next: bigint;
  /** Records of the stretch. */
  readonly read: number;
  /** Offsets whose records were deleted. */
  readonly lost: bigint;
  /** Those that the replay selects, in the order in which they are written. */
  readonly letters: readonly Letter[];
}

/** Bytes of a window, at most; one record may be longer. */
const windowBytes = 64 << 20;

/** Reads a range window by window: the same records always make the same windows. */
export async function* readWindows(range: PlannedRange, replay: Replay, tools: ReplayTools): AsyncGenerator<Window> {
  const { link, signal } = tools;
  const { topic } = replay.filter;
  let [records, bytes, lost]: [KafkaRecord[], number, bigint] = [[], 0, 0n];
  const finish = async (next: bigint): Promise<Window> => {
    const window = { next, read: records.length, lost, letters: await selectLetters(records, replay, tools) };
    [records, bytes, lost] = [[], 0, 0n];
    return window;
  };
  const pieces = new RecordReader(link).read(
    topic,
    range.partition,
    range.first,
    range.last + 1n,
    signal === undefined ? {} : { signal },
  );
  for await (const piece of pieces) {
    if (piece.gap !== undefined) lost += piece.gap.last - piece.gap.first + 1n;
    for (const record of piece.records) {
      if (records.length >= replay.window || bytes >= windowBytes) yield await finish(record.offset);
      records.push(record);
      bytes += sizeOf(record);
    }
  }
  yield await finish(range.last + 1n);
}

async function selectLetters(records: readonly KafkaRecord[], replay: Replay, tools: ReplayTools): Promise<Letter[]> {
  const { filter } = replay;
  const selected: Letter[] = [];
  for (const record of records) {
    if (filter.times.from !== undefined && record.timestamp < filter.times.from) continue;
    if (filter.times.to !== undefined && record.timestamp >= filter.times.to) continue;
    if (filter.keys !== undefined && (record.key === null || !filter.keys.includes(String(Buffer.from(record.key)))))
      continue;
    const letter = await completeLetter(readLetter(record, tools.sources), tools);
    const origin = firstOrigin(letter)?.topic;
    if (filter.origins?.some((pattern) => origin !== undefined && fitsPattern(origin, pattern)) === false) continue;
    if (filter.fingerprints !== undefined || filter.classes !== undefined) {
      const { fingerprint, verdict } = await tools.judge(letter);
      if (filter.fingerprints?.includes(fingerprint.id) === false) continue;
      if (filter.classes?.includes(verdict.class) === false) continue;
    }
    selected.push(letter);
  }
  return orderLetters(selected);
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  const bytes = headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0), 0);
  return bytes + (key?.length ?? 0) + (value?.length ?? 0);
}
