import pLimit from 'p-limit';
import { asError, LakewardenError } from '#shared/errors/error.ts';
import { readGroupPositions } from '#shared/kafka/group-positions.ts';
import type { Announce } from './announce.ts';
import { createWork, emptyTally, type Tally } from './apply.ts';
import type { Clients } from './clients.ts';
import type { Settings } from './config.ts';
import type { Request } from './doorbell.ts';
import type { Group } from './group/group.ts';
import { type Standing, standingOf } from './group/standing.ts';
import { originalsOf } from './letter/originals.ts';
import { findPlaces } from './places.ts';
import { planSettling } from './plan.ts';
import { isSerious, type Problem } from './problem.ts';
import { RetentionWatch } from './retention/retention-watch.ts';
import { stableEndOf } from './state/read-batch.ts';
import type { LogPlace, StateReplay } from './state/state-record.ts';
import type { StateTopic } from './state/state-topic.ts';
import { takeTurn, type TurnOutcome, type TurnTools } from './state/turn.ts';
import { Understanding } from './understand.ts';
import { IdlePlaces } from './idle-places.ts';

/** What a run needs besides its request. */
export interface RunTools {
  readonly clients: Clients;
  readonly settings: Settings;
  readonly state: StateTopic;
  readonly announce: Announce;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** False when no further batch should be begun; what is left is told in the outcome. */
  readonly hasTime?: () => boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told of each partition that was worked on. */
  readonly onProgress?: (done: PartitionOutcome) => void;
}

/** What was done to a partition. */
export interface PartitionOutcome extends TurnOutcome, LogPlace {
  readonly tally: Tally;
}

/** What a run did. */
export interface RunOutcome {
  /** Those with something new in them. */
  readonly partitions: readonly PartitionOutcome[];
  readonly problems: readonly Problem[];
  /** Partitions in which letters wait, for want of time. */
  readonly left: readonly LogPlace[];
  /** What is unhandled in each partition that was looked at. */
  readonly standings: readonly PlaceStanding[];
  /** All partitions of dead letter topics that there are; absent when only some were asked for. */
  readonly all?: readonly LogPlace[];
}

/** What is unhandled in a partition, and when retention may delete a letter of that. */
export interface PlaceStanding extends LogPlace, Standing {
  /** Milliseconds since the epoch. */
  readonly deletedFrom?: number;
}

/**
 * Works through the partitions of a request: one that fails blocks no other.
 * @throws what a partition failed by that may go well the next time, after the others were done
 */
export async function applyRun(request: Request, tools: RunTools): Promise<RunOutcome> {
  const { clients, settings, signal, hasTime, onProgress } = tools;
  const { places, problems: missing } = await findPlaces(request, settings, clients.admin);
  const problems: Problem[] = [...request.problems, ...missing];
  const partitions: PartitionOutcome[] = [];
  const left: LogPlace[] = [];
  const standings: PlaceStanding[] = [];
  const idle = new IdleGroups(tools);
  const idlePlaces = new IdlePlaces(places, clients.link, settings.group, signal);
  const understanding = understandingOf(tools);
  const watch = new RetentionWatch(tools);
  const isSweep = request.scope.kind !== 'places';
  let trouble: LakewardenError | undefined;
  let troubles = 0;
  const atOnce = pLimit(settings.limits.partitionsAtOnce);
  const visit = async (place: LogPlace): Promise<void> => {
    signal?.throwIfAborted();
    // When several fail one after the other, a service is in trouble, and the others would wait in vain.
    if (hasTime?.() === false || troubles >= 2) return void left.push(place);
    try {
      const waits = !(await idlePlaces.has(place)) && (await hasLetters(place, tools));
      const quiet = isSweep && !waits ? await idle.of(place) : undefined;
      // A turn fences others off, so it is taken only when something is to be done.
      const isDue = waits || (quiet !== undefined && planSettling(quiet, settings, tools.now()).changed.size > 0);
      const outcome = isDue ? await visitPlace(place, tools, understanding) : undefined;
      const groups = outcome?.tally.groups ?? quiet;
      if (groups !== undefined && outcome?.end !== 'busy') {
        const { problem, ...deletion } = await watch.look(place, groups);
        standings.push({ ...place, ...standingOf([...groups.values()]), ...deletion });
        if (problem !== undefined) problems.push(problem);
      }
      troubles = 0;
      if (outcome === undefined) return;
      partitions.push(outcome);
      onProgress?.(outcome);
      if (outcome.end === 'left') left.push(place);
    } catch (thrown) {
      const error = asError(thrown);
      const { topic, partition } = place;
      const message = `${topic}-${partition}: ${error.message}`;
      if (error.disposition === 'reject') return void problems.push({ code: 'partition.failed', message, ...place });
      troubles += 1;
      trouble ??= new LakewardenError(error.code, message, { details: { topic, partition }, cause: error });
    }
  };
  await Promise.all(places.map((place) => atOnce(visit, place)));
  signal?.throwIfAborted();
  if (trouble !== undefined) throw trouble;
  return {
    partitions: partitions.toSorted(byPlace),
    problems: [...problems, ...partitions.flatMap(problemsOf)],
    left,
    standings,
    ...(request.scope.kind === 'all' ? { all: places } : {}),
  };
}

/** Understanding with the clients of a run. */
export function understandingOf({ settings, clients, signal }: Pick<RunTools, 'settings' | 'clients' | 'signal'>) {
  const fetchOriginal = originalsOf(clients.link, signal);
  return new Understanding(settings, { schemas: clients.registry, fetchOriginal });
}

/** Groups of partitions without new letters, loaded at once when the first is asked for. */
class IdleGroups {
  readonly #tools: RunTools;
  #states: Promise<StateReplay<Group>> | undefined;

  constructor(tools: RunTools) {
    this.#tools = tools;
  }

  async of(place: LogPlace): Promise<ReadonlyMap<string, Group>> {
    this.#states ??= this.#tools.state.loadAll<Group>(this.#tools.signal);
    return (await this.#states).state(place).groups;
  }
}

async function visitPlace(place: LogPlace, tools: RunTools, understanding: Understanding): Promise<PartitionOutcome> {
  const tally = emptyTally();
  const { settings, clients, announce, now } = tools;
  const work = createWork(place, { settings, announce, understanding, hdfs: clients.hdfs, now }, tally);
  const outcome = await takeTurn<Group>(place, { ...turnTools(tools), ...work });
  return { ...place, ...outcome, tally };
}

/** What turns at the state need. */
export function turnTools({
  clients,
  settings,
  state,
  now,
  hasTime,
  signal,
}: RunTools): Omit<TurnTools<Group>, 'work' | 'settle'> {
  const { batchRecords, batchBytes } = settings.limits;
  return {
    link: clients.link,
    state,
    group: settings.group,
    limits: { records: batchRecords, bytes: batchBytes },
    now,
    hasTime: hasTime ?? (() => true),
    signal,
  };
}

/** @throws kafka.out_of_range where the log ends before our position: what is in it would never be read */
async function hasLetters(place: LogPlace, tools: RunTools): Promise<boolean> {
  const reading = turnTools(tools);
  const end = await stableEndOf(place, reading);
  const next = await positionOf(place, reading);
  if (next !== undefined && next > end) {
    const hint = `if nothing else helps, set the position of group ${reading.group} back`;
    throw new LakewardenError('kafka.out_of_range', `the log ends at ${end}, before our position ${next}; ${hint}`);
  }
  return next === undefined ? end > 0n : next < end;
}

/**
 * Where triage goes on in a partition; undefined where it has never been. Asked before anybody is fenced off: whoever was killed
 * within a transaction must not keep us waiting for its end.
 */
export async function positionOf(
  { topic, partition }: LogPlace,
  { link, group, signal }: Pick<TurnTools<Group>, 'link' | 'group' | 'signal'>,
): Promise<bigint | undefined> {
  const options = { signal, isolation: 'committed' } as const;
  return (await readGroupPositions(link, group, topic, [partition], options)).get(partition);
}

function problemsOf({ topic, partition, end, lost, tally }: PartitionOutcome): Problem[] {
  const place = { topic, partition };
  const name = `${topic}-${partition}`;
  return [
    ...(end === 'busy'
      ? [{ code: 'partition.busy', message: `${name}: another instance is at it`, ...place } as const]
      : []),
    ...(lost > 0n
      ? [
          {
            code: 'letters.lost',
            message: `${name}: retention deleted up to ${lost} letters before they were read`,
            ...place,
          } as const,
        ]
      : []),
    ...(tally.untold > 0
      ? [
          {
            code: 'groups.many',
            message: `${name}: ${tally.untold} new groups were not told one by one`,
            ...place,
          } as const,
        ]
      : []),
  ];
}

function byPlace(a: LogPlace, b: LogPlace): number {
  return a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;
}

/** One word for a run: nothing to do, all done, or done in part (something was refused or is left). */
export function statusOf({ partitions, problems, left }: RunOutcome): 'nothing' | 'done' | 'partial' {
  if (problems.some(isSerious) || left.length > 0) return 'partial';
  return partitions.some(({ end }) => end !== 'busy') ? 'done' : 'nothing';
}
