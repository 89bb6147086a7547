import { isError } from '#shared/errors/error.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { fitsPattern } from '../pattern.ts';
import type { Judgement } from '../judge-letter.ts';
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
  /** Their groups by their offsets, where they are asked for and known. */
  readonly groups: ReadonlyMap<bigint, string>;
}

/** Letters whose groups are looked for together, as triage does. */
const judgedAtOnce = 1_000;
/** Bytes of a window, at most; one record may be longer. */
const windowBytes = 64 << 20;

/** Reads a range window by window: the same records always make the same windows. */
export async function* readWindows(
  range: PlannedRange,
  replay: Replay,
  tools: ReplayTools,
  asksGroups = false,
): AsyncGenerator<Window> {
  const { link, signal } = tools;
  const { topic } = replay.filter;
  let [records, bytes, lost]: [KafkaRecord[], number, bigint] = [[], 0, 0n];
  const finish = async (next: bigint): Promise<Window> => {
    const selected = await selectLetters(records, replay, tools, asksGroups);
    const window = { next, read: records.length, lost, ...selected };
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

/** What a replay selects of some records, and the groups of these letters when they are asked for. */
async function selectLetters(
  records: readonly KafkaRecord[],
  replay: Replay,
  tools: ReplayTools,
  asksGroups: boolean,
): Promise<Pick<Window, 'letters' | 'groups'>> {
  const { filter } = replay;
  const { fingerprints, classes } = filter;
  const isJudged = fingerprints !== undefined || classes !== undefined;
  const selected: Letter[] = [];
  const groups = new Map<bigint, string>();
  for (let at = 0; at < records.length; at += judgedAtOnce) {
    const some = records.slice(at, at + judgedAtOnce).filter((record) => isInTime(record, filter.times));
    // As triage saw it: the record that a letter points to belongs to no group.
    const judgements = isJudged ? await tools.judge(some) : asksGroups ? await judgeIfPossible(some, tools) : [];
    for (const [index, record] of some.entries()) {
      const judgement = judgements[index];
      if (fingerprints?.includes(judgement?.fingerprint.id ?? '') === false) continue;
      if (classes?.some((name) => name === judgement?.verdict.class) === false) continue;
      const letter = await completeLetter(readLetter(record, tools.sources), tools);
      if (!hasKey(letter, filter.keys) || !comesFrom(letter, filter.origins)) continue;
      selected.push(letter);
      if (asksGroups && judgement !== undefined) groups.set(record.offset, judgement.fingerprint.id);
    }
  }
  return { letters: orderLetters(selected), groups };
}

/** Letters of which nobody can say at this moment to which group they belong are replayed all the same. */
async function judgeIfPossible(records: readonly KafkaRecord[], { judge }: ReplayTools): Promise<readonly Judgement[]> {
  try {
    return await judge(records);
  } catch (error) {
    if (!isError(error, 'registry.unavailable')) throw error;
    return [];
  }
}

function isInTime({ timestamp }: KafkaRecord, { from, to }: Replay['filter']['times']): boolean {
  return (from === undefined || timestamp >= from) && (to === undefined || timestamp < to);
}

function hasKey({ record: { key } }: Letter, keys: readonly string[] | undefined): boolean {
  return keys === undefined || (key !== null && keys.includes(String(Buffer.from(key))));
}

function comesFrom(letter: Letter, origins: readonly string[] | undefined): boolean {
  const topic = firstOrigin(letter)?.topic;
  return origins === undefined || (topic !== undefined && origins.some((pattern) => fitsPattern(topic, pattern)));
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  const bytes = headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0), 0);
  return bytes + (key?.length ?? 0) + (value?.length ?? 0);
}
