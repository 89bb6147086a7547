import { isError } from '#shared/errors/error.ts';
import type { TopicLimits } from '#shared/kafka/topic-limits.ts';
import type { Announce } from '../announce.ts';
import type { Clients } from '../clients.ts';
import type { Settings } from '../config.ts';
import type { Group } from '../group/group.ts';
import { judgeRetention, type RetentionThreat } from './retention.ts';
import { findUnhandled, type UnhandledLetter } from '../group/unhandled.ts';
import type { Problem } from '../problem.ts';
import { readKept } from './retention-kept.ts';
import { amendGroups } from '../state/amend.ts';
import type { LogPlace } from '../state/state-record.ts';
import type { StateTopic } from '../state/state-topic.ts';

/** What the watch needs. */
export interface WatchTools {
  readonly clients: Clients;
  readonly settings: Settings;
  readonly state: StateTopic;
  readonly announce: Announce;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** What retention does to the unhandled letters of a partition. */
export interface RetentionLook {
  readonly problem?: Problem;
  /** When one may be deleted, at the earliest, in milliseconds since the epoch. */
  readonly deletedFrom?: number;
}

/** Looks during one run whether retention is about to delete letters of groups that are open. */
export class RetentionWatch {
  readonly #tools: WatchTools;
  readonly #limits = new Map<string, Promise<TopicLimits | undefined>>();

  constructor(tools: WatchTools) {
    this.#tools = tools;
  }

  /** Answers it as a problem when it is so, or cannot be known; the event comes once for a group that waits, and once when it loses. */
  async look(place: LogPlace, groups: ReadonlyMap<string, Group>): Promise<RetentionLook> {
    const unhandled = findUnhandled(groups.values());
    if (unhandled === undefined) return {};
    const { clients, settings, now, signal } = this.#tools;
    const { topic, partition } = place;
    const name = `${topic}-${partition}`;
    const limits = await this.#limitsOf(topic);
    if (limits === undefined) {
      const message = `${name}: we may not read the settings of the topic`;
      return { problem: { code: 'retention.unknown', message, ...place } };
    }
    const bounds = await clients.admin.bounds(topic, [partition], { signal });
    const { earliest = 0n } = bounds.get(partition) ?? {};
    const kept = await readKept(place, earliest, limits, clients, signal);
    const threat = judgeRetention({ now: now(), ...kept, earliest, unhandled });
    const deletion = threat.deletedFrom === undefined ? {} : { deletedFrom: threat.deletedFrom };
    if (threat.lost === 0n && (threat.leftMs ?? Infinity) > settings.alerts.retentionSeconds * 1_000) return deletion;
    await this.#tell(place, groups, unhandled, threat);
    const when =
      threat.lost > 0n ? 'are being deleted' : `may be deleted in ${Math.floor((threat.leftMs ?? 0) / 1_000)} s`;
    const message = `${name}: unhandled letters from offset ${unhandled.offset} on ${when}`;
    return { ...deletion, problem: { code: 'retention.near', message, ...place } };
  }

  /** What was told is remembered with the group. When somebody else is at the partition, the next run looks again. */
  async #tell(
    place: LogPlace,
    groups: ReadonlyMap<string, Group>,
    oldest: UnhandledLetter,
    threat: RetentionThreat,
  ): Promise<void> {
    const { clients, settings, state, announce, now, signal } = this.#tools;
    const level = threat.lost > 0n ? 'lost' : 'near';
    const isNews = (group: Group | undefined): group is Group =>
      group?.state === 'open' &&
      group.episode === oldest.episode &&
      !(group.threatened?.episode === oldest.episode && group.threatened.level === level);
    if (!isNews(groups.get(oldest.group))) return;
    const tools = { link: clients.link, state, group: settings.group, now, signal };
    try {
      await amendGroups<Group>(place, tools, async (known) => {
        const group = known.get(oldest.group);
        if (!isNews(group)) return new Map();
        await announce.threatened(place, oldest, level, threat);
        return new Map([[group.id, { ...group, threatened: { episode: group.episode, level } }]]);
      });
    } catch (error) {
      if (!isError(error, 'kafka.fenced')) throw error;
    }
  }

  #limitsOf(topic: string): Promise<TopicLimits | undefined> {
    const known = this.#limits.get(topic);
    if (known !== undefined) return known;
    const asked = this.#tools.clients.admin.limits(topic).catch((error: unknown) => {
      if (isError(error, 'kafka.access_denied', 'kafka.protocol')) return undefined;
      throw error;
    });
    this.#limits.set(topic, asked);
    return asked;
  }
}
