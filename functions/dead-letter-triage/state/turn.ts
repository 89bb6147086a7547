import { isError } from '#shared/errors/error.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import type { LogPlace } from './state-record.ts';
import type { StateTopic } from './state-topic.ts';

/** Letters that are worked on together. */
export interface Batch extends OffsetRange {
  readonly records: readonly KafkaRecord[];
  /** Offsets whose records retention deleted before anybody read them. */
  readonly lost: bigint;
}

/** How large a batch may be; one record alone may be larger. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
}

/** What a turn needs. */
export interface TurnTools<Group> {
  readonly link: KafkaLink;
  readonly state: StateTopic;
  /** The group whose positions tell what is done; its name is part of the transactional id, too. */
  readonly group: string;
  readonly limits: BatchLimits;
  readonly now: () => number;
  /** False when no further batch should be begun. */
  readonly hasTime: () => boolean;
  readonly signal?: AbortSignal | undefined;
  /**
   * Works on a batch and answers which groups change. It may be called again with the same batch when a turn ends within it, also
   * while an older call has not noticed that yet: what it does to the world must be the same each time.
   */
  readonly work: (batch: Batch, groups: ReadonlyMap<string, Group>) => Promise<ReadonlyMap<string, Group | null>>;
}

/** What came of a turn. */
export interface TurnOutcome {
  /** `busy`: a younger turn took over. `left`: there is more, and no time. */
  readonly end: 'done' | 'busy' | 'left';
  readonly batches: number;
  readonly letters: number;
  readonly lost: bigint;
}

/**
 * Works through a partition of a dead letter topic, batch by batch, so that each letter counts once whatever happens. First all
 * older turns are fenced off, then position and state are read. The bounds of a batch are committed before it is worked on,
 * and the change of the groups, the position and the bounds of the next batch are one transaction: whoever takes over does the
 * same batch again, never one that overlaps it.
 */
export async function takeTurn<Group>(place: LogPlace, tools: TurnTools<Group>): Promise<TurnOutcome> {
  const { link, group, signal } = tools;
  const id = `${group}-${place.topic}-${place.partition}`;
  const writer = new TransactionalWriter(link, id, { signal });
  const done = { batches: 0, letters: 0, lost: 0n };
  try {
    const end = await workThrough(place, writer, tools, done);
    return { end, ...done };
  } catch (error) {
    if (isError(error, 'kafka.fenced')) return { end: 'busy', ...done };
    throw error;
  } finally {
    await writer.close();
  }
}

async function workThrough<Group>(
  place: LogPlace,
  writer: TransactionalWriter,
  tools: TurnTools<Group>,
  done: { batches: number; letters: number; lost: bigint },
): Promise<'done' | 'left'> {
  const { state, group, signal } = tools;
  await writer.begin();
  const positions = await writer.committedPositions(group, place.topic, [place.partition]);
  const known = await state.load<Group>(place, signal);
  const groups = new Map(known.groups);
  const { earliest, end } = await boundsOf(place, tools);
  let position = positions.get(place.partition) ?? earliest;
  let batch = await readBatch(
    place,
    known.batch ?? { first: position, last: end - 1n },
    known.batch === undefined,
    tools,
  );
  if (known.batch === undefined && batch !== undefined) await begin(place, batch, writer, tools);
  let isStopped = false;
  while (batch !== undefined) {
    signal?.throwIfAborted();
    const changed = await tools.work(batch, groups);
    for (const [name, changedGroup] of changed)
      if (changedGroup === null) groups.delete(name);
      else groups.set(name, changedGroup);
    position = batch.last + 1n;
    isStopped = !tools.hasTime();
    const open = { first: position, last: end - 1n };
    const rest: Batch | undefined = isStopped ? undefined : await readBatch(place, open, true, tools);
    const bounds = rest === undefined ? null : { first: rest.first, last: rest.last };
    await writer.send(state.records(place, { batch: bounds, groups: changed }, tools.now()));
    await writer.commitPositions(group, [{ ...place, next: position }]);
    await writer.commit();
    done.batches += 1;
    done.letters += batch.records.length;
    done.lost += batch.lost;
    batch = rest;
    if (batch !== undefined) await writer.begin();
  }
  return isStopped && position < end ? 'left' : 'done';
}

/** What reading needs. */
type Reading = Pick<TurnTools<unknown>, 'link' | 'limits' | 'signal'>;

async function boundsOf({ topic, partition }: LogPlace, { link, signal }: Reading) {
  const bounds = await logBounds(link, topic, [partition], { signal });
  return bounds.get(partition) ?? { earliest: 0n, end: 0n };
}

/** Commits the bounds of the first batch, before anything is done with it. */
async function begin<Group>(
  place: LogPlace,
  { first, last }: OffsetRange,
  writer: TransactionalWriter,
  { state, now }: TurnTools<Group>,
): Promise<void> {
  await writer.send(state.records(place, { batch: { first, last } }, now()));
  await writer.commit();
  await writer.begin();
}

/** Reads a range, or as much of its beginning as a batch may hold; undefined when nothing can be read yet. */
async function readBatch(
  { topic, partition }: LogPlace,
  { first, last }: OffsetRange,
  isOpen: boolean,
  { link, limits, signal }: Reading,
): Promise<Batch | undefined> {
  const records: KafkaRecord[] = [];
  let [next, lost, bytes] = [first, 0n, 0];
  if (first > last) return undefined;
  const maxBytes = Math.min(limits.bytes, 1 << 20);
  const options = signal === undefined ? { maxBytes } : { maxBytes, signal };
  for await (const piece of new RecordReader(link).read(topic, partition, first, last + 1n, options)) {
    if (piece.gap !== undefined) lost += piece.gap.last - piece.gap.first + 1n;
    next = piece.next;
    for (const record of piece.records) {
      // What is left of this piece is read again with the next batch.
      if (isOpen && records.length > 0 && (records.length >= limits.records || bytes >= limits.bytes)) {
        return { first, last: record.offset - 1n, records, lost };
      }
      records.push(record);
      bytes += sizeOf(record);
    }
  }
  return next > first ? { first, last: isOpen ? next - 1n : last, records, lost } : undefined;
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  const bytes = headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0), 0);
  return bytes + (key?.length ?? 0) + (value?.length ?? 0);
}
