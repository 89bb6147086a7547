import { isError } from '#shared/errors/error.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { fitsPattern } from '../pattern.ts';
import type { Judgement } from '../classify/judge-letter.ts';
import type { Origin } from '../letter/hop.ts';
import { firstOrigin, type Letter } from '../letter/letter.ts';
import { readLetter } from '../letter/read-letter.ts';
import { asBuffer } from '../letter/bytes.ts';
import { completeLetter } from './complete-letter.ts';
import { orderLetters } from './order-letters.ts';
import { PackedRecord } from './packed-record.ts';
import type { PlannedRange, Replay } from './plan-schema.ts';
import type { ReplayTools } from './replay-tools.ts';

/** A letter that is selected, and waits for its turn. */
export interface SelectedLetter {
  /** Of a letter that points to its original, with the bytes of that. */
  readonly record: PackedRecord;
  readonly origin: Origin | undefined;
  /** The letter, read anew. */
  readonly read: () => Letter;
}

/** Letters of a stretch of a dead letter partition. */
export interface Window {
  /** The offset behind it. */
  readonly next: bigint;
  /** Records of the stretch. */
  readonly read: number;
  /** Offsets whose records were deleted. */
  readonly lost: bigint;
  /** Those that the replay selects, in the order in which they are written. */
  readonly letters: readonly SelectedLetter[];
  /** Their groups by their offsets, where they are asked for and known. */
  readonly groups: ReadonlyMap<bigint, string>;
}

/** Records whose groups are looked for together, as triage does; fewer when they are long. */
const slice = { records: 1_000, bytes: 4 << 20 };
/** Bytes of a window, at most; one record may be longer. */
const windowBytes = 32 << 20;
/** What a letter takes in a window besides its bytes. */
const letterBytes = 600;

/** Reads a range window by window: the same records always make the same windows. */
export async function* readWindows(
  range: PlannedRange,
  replay: Replay,
  tools: ReplayTools,
  asksGroups = false,
): AsyncGenerator<Window> {
  let window = new WindowDraft(replay, tools);
  for await (const { records, lost } of readSlices(range, replay, tools)) {
    window.lost += lost;
    const judgements = await judge(records, replay, tools, asksGroups);
    for (const [index, record] of records.entries()) {
      if (window.isFull) {
        yield window.finish(record.offset);
        window = new WindowDraft(replay, tools);
      }
      await window.add(record, judgements[index]);
    }
  }
  yield window.finish(range.last + 1n);
}

/** Records in their order, so cut that it depends on nothing but them. */
async function* readSlices(
  { partition, first, last }: PlannedRange,
  { filter }: Replay,
  { link, signal }: ReplayTools,
): AsyncGenerator<{ readonly records: readonly KafkaRecord[]; readonly lost: bigint }> {
  let [records, bytes, lost]: [KafkaRecord[], number, bigint] = [[], 0, 0n];
  const options = signal === undefined ? {} : { signal };
  for await (const piece of new RecordReader(link).read(filter.topic, partition, first, last + 1n, options)) {
    if (piece.gap !== undefined) lost += piece.gap.last - piece.gap.first + 1n;
    for (const record of piece.records) {
      records.push(record);
      bytes += sizeOf(record);
      if (records.length < slice.records && bytes < slice.bytes) continue;
      yield { records, lost };
      [records, bytes, lost] = [[], 0, 0n];
    }
  }
  yield { records, lost };
}

/** Groups and classes as triage sees them: the record that a letter points to belongs to no group. */
async function judge(
  records: readonly KafkaRecord[],
  { filter }: Replay,
  tools: ReplayTools,
  asksGroups: boolean,
): Promise<readonly Judgement[]> {
  const isNeeded = filter.fingerprints !== undefined || filter.classes !== undefined;
  if (!isNeeded && !asksGroups) return [];
  try {
    return await tools.judge(records);
  } catch (error) {
    // Letters of which nobody can say at this moment to which group they belong are replayed all the same.
    if (isNeeded || !isError(error, 'registry.unavailable')) throw error;
    return [];
  }
}

class WindowDraft {
  readonly #replay: Replay;
  readonly #tools: ReplayTools;
  readonly #letters: SelectedLetter[] = [];
  readonly #groups = new Map<bigint, string>();
  #read = 0;
  #bytes = 0;
  lost = 0n;

  constructor(replay: Replay, tools: ReplayTools) {
    this.#replay = replay;
    this.#tools = tools;
  }

  get isFull(): boolean {
    return this.#read >= this.#replay.window || this.#bytes >= windowBytes;
  }

  async add(record: KafkaRecord, judgement: Judgement | undefined): Promise<void> {
    this.#read += 1;
    const { filter } = this.#replay;
    const { sources } = this.#tools;
    if (!isInTime(record, filter.times) || !isJudged(judgement, filter)) return;
    const told = readLetter(record, sources);
    const letter = await completeLetter(told, this.#tools);
    const origin = firstOrigin(letter);
    if (!hasKey(letter, filter.keys) || !comesFrom(origin, filter.origins)) return;
    const packed = new PackedRecord(letter.record);
    const { hops, hopsLeftOut, payload } = letter;
    const isSame = letter === told;
    const read = (): Letter =>
      isSame ? readLetter(packed.unpack(), sources) : { record: packed.unpack(), hops, hopsLeftOut, payload };
    this.#letters.push({ record: packed, origin, read });
    this.#bytes += sizeOf(letter.record) + letterBytes;
    if (judgement !== undefined) this.#groups.set(record.offset, judgement.fingerprint.id);
  }

  finish(next: bigint): Window {
    return { next, read: this.#read, lost: this.lost, letters: orderLetters(this.#letters), groups: this.#groups };
  }
}

function isInTime({ timestamp }: KafkaRecord, { from, to }: Replay['filter']['times']): boolean {
  return (from === undefined || timestamp >= from) && (to === undefined || timestamp < to);
}

function isJudged(judgement: Judgement | undefined, { fingerprints, classes }: Replay['filter']): boolean {
  if (fingerprints?.includes(judgement?.fingerprint.id ?? '') === false) return false;
  return classes === undefined || classes.some((name) => name === judgement?.verdict.class);
}

function hasKey({ record: { key } }: Letter, keys: readonly string[] | undefined): boolean {
  return keys === undefined || (key !== null && keys.includes(String(asBuffer(key))));
}

function comesFrom(origin: Origin | undefined, origins: readonly string[] | undefined): boolean {
  const topic = origin?.topic;
  return origins === undefined || (topic !== undefined && origins.some((pattern) => fitsPattern(topic, pattern)));
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  const bytes = headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0), 0);
  return bytes + (key?.length ?? 0) + (value?.length ?? 0);
}
