import { isError } from '#shared/errors/error.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import { type Batch, BatchSource, begunBatch, boundsOf, readRange, type Reading } from './read-batch.ts';
import type { LogPlace } from './state-record.ts';
import type { StateTopic } from './state-topic.ts';

/** What a turn needs. */
export interface TurnTools<Group> extends Reading {
  readonly state: StateTopic;
  /** The group whose positions tell what is done; its name is part of the transactional id, too. */
  readonly group: string;
  readonly now: () => number;
  /** False when no further batch should be begun. */
  readonly hasTime: () => boolean;
  /**
   * Works on a batch and answers which groups change. It may be called again with the same batch when a turn ends within it, also
   * while an older call has not noticed that yet: what it does to the world must be the same each time.
   */
  readonly work: (batch: Batch, groups: ReadonlyMap<string, Group>) => Promise<ReadonlyMap<string, Group | null>>;
  /** When no letter waits any more: answers which groups change by themselves. It may be called again, too. */
  readonly settle?: (groups: ReadonlyMap<string, Group>) => Promise<ReadonlyMap<string, Group | null>>;
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
  const begun = begunBatch(known.batch, positions.get(place.partition), { earliest, end });
  const source = new BatchSource(place, end, tools);
  let batch = await (begun === undefined ? source.take(position) : readRange(place, begun, tools));
  if (begun === undefined && batch !== undefined) await begin(place, batch, writer, tools);
  let isStopped = false;
  let isOpen = true;
  while (batch !== undefined) {
    signal?.throwIfAborted();
    const changed = await tools.work(batch, groups);
    change(groups, changed);
    position = batch.last + 1n;
    isStopped = !tools.hasTime();
    const rest: Batch | undefined = isStopped ? undefined : await source.take(position);
    const bounds = rest === undefined ? null : { first: rest.first, last: rest.last };
    await writer.send(state.records(place, { batch: bounds, groups: changed }, tools.now()));
    await writer.commitPositions(group, [{ ...place, next: position }]);
    await writer.commit();
    done.batches += 1;
    done.letters += batch.letters;
    done.lost += batch.lost;
    batch = rest;
    isOpen = batch !== undefined;
    if (isOpen) await writer.begin();
  }
  if (isStopped && position < end) return 'left';
  const settled = await tools.settle?.(groups);
  if (settled === undefined || settled.size === 0) return 'done';
  if (!isOpen) await writer.begin();
  change(groups, settled);
  await writer.send(state.records(place, { groups: settled }, tools.now()));
  await writer.commit();
  return 'done';
}

function change<Group>(groups: Map<string, Group>, changed: ReadonlyMap<string, Group | null>): void {
  for (const [name, group] of changed)
    if (group === null) groups.delete(name);
    else groups.set(name, group);
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
