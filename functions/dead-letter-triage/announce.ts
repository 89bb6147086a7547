import { type CloudEventOut, eventsOf } from '#shared/events/event.ts';
import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import { type Group, hourMs, type ThreatLevel, type Transition } from './group/group.ts';
import type { RetentionThreat } from './retention/retention.ts';
import type { UnhandledLetter } from './group/unhandled.ts';
import type { LogPlace } from './state/state-record.ts';

/** The name that this function has in events, logs and metrics. */
export const functionName = 'dead-letter-triage';

/** Makes an event of dead-letter-triage. */
export const triageEvent = eventsOf(functionName);

const types = {
  opened: 'deadletter.group.opened',
  regressed: 'deadletter.group.regressed',
  grown: 'deadletter.group.grown',
  burst: 'deadletter.group.surged',
  resolved: 'deadletter.group.resolved',
} as const satisfies Record<Transition['kind'], string>;

/**
 * Tells the world what happened to groups of letters, before that is committed: so it is told at least once. Ids follow from
 * what happened, so that telling twice is harmless.
 */
export class Announce {
  readonly #emit: (event: CloudEventOut) => Promise<void>;
  readonly #instance: string;

  constructor(emit: (event: CloudEventOut) => Promise<void>, instance: string) {
    this.#emit = emit;
    this.#instance = instance;
  }

  /** `deadletter.group.*`: one for each change of a group's life. */
  async changed({ topic, partition }: LogPlace, group: Group, transition: Transition): Promise<void> {
    const { about, verdict } = group;
    const data = {
      topic,
      partition,
      group: group.id,
      episode: group.episode,
      class: verdict.class,
      action: verdict.action,
      ...(verdict.owner === undefined ? {} : { owner: verdict.owner }),
      family: about.family,
      component: about.component,
      stage: about.stage,
      errorClass: about.errorClass,
      message: about.message,
      letters: group.count,
      firstSeen: timeText(group.firstSeen),
      lastSeen: timeText(group.lastSeen),
      ...(group.samples[0] === undefined ? {} : { sample: group.samples[0].place }),
      ...detailsOf(transition),
    };
    const parts = [topic, partition, group.id, group.episode, ...idOf(transition)];
    await this.#send(types[transition.kind], parts, data, group.id);
  }

  /** `deadletter.retention.threatened`: unhandled letters are about to be deleted, or some are gone. */
  async threatened(
    { topic, partition }: LogPlace,
    oldest: UnhandledLetter,
    level: ThreatLevel,
    { lost, deletedFrom, by }: RetentionThreat,
  ): Promise<void> {
    const data = {
      topic,
      partition,
      offset: String(oldest.offset),
      timestamp: timeText(oldest.timestamp),
      lost: String(lost),
      ...(deletedFrom === undefined ? {} : { deletedFrom: timeText(deletedFrom) }),
      ...(by === undefined ? {} : { by }),
    };
    const parts = [topic, partition, oldest.group, oldest.episode, level];
    await this.#send('deadletter.retention.threatened', parts, data, topic);
  }

  /** `deadletter.letters.lost`: retention deleted letters before anybody read them. */
  async lost({ topic, partition }: LogPlace, { first, last }: OffsetRange, lost: bigint): Promise<void> {
    const data = { topic, partition, first: String(first), last: String(last), offsets: String(lost) };
    await this.#send('deadletter.letters.lost', [topic, partition, first, last], data, topic);
  }

  /** `file.closed`, for files of the quarantine: whoever shows them to SQL may look. */
  async stored(paths: readonly string[]): Promise<void> {
    if (paths.length > 0) await this.#send('file.closed', paths, { paths }, paths[0]);
  }

  async #send(type: string, idParts: readonly (string | number | bigint)[], data: unknown, subject?: string) {
    await this.#emit(triageEvent(this.#instance, type, data, idParts, subject));
  }
}

function detailsOf(transition: Transition): object {
  if (transition.kind === 'grown') return { count: transition.count };
  if (transition.kind === 'resolved') {
    const { because, plan } = transition;
    return { because, ...(plan === undefined ? {} : { plan }) };
  }
  if (transition.kind !== 'burst') return {};
  const { hour, count, usual } = transition;
  return { hour: timeText(hour * hourMs), count, usual };
}

/** Producers may write any time; what RFC 3339 cannot say is the end of the year 9999. */
function timeText(time: number): string {
  return new Date(Math.min(time, 253_402_300_799_999)).toISOString();
}

function idOf(transition: Transition): number[] {
  if (transition.kind === 'grown') return [transition.count];
  return transition.kind === 'burst' ? [transition.hour] : [];
}
