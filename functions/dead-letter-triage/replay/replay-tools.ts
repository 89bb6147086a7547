import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import type { Judgement } from '../classify/judge-letter.ts';
import type { DeclaredSource } from '../letter/declared-source.ts';
import type { FetchOriginal } from '../letter/originals.ts';
import type { HandledGroups } from './handled-groups.ts';
import type { LedgerTopic } from './ledger-topic.ts';
import type { TargetRules } from './targets.ts';
import type { ReplayRegistry } from './transform-schemas.ts';

/** What replays need of the world. */
export interface ReplayTools {
  readonly link: KafkaLink;
  readonly ledger: LedgerTopic;
  readonly rules: TargetRules;
  readonly sources: readonly DeclaredSource[];
  /** Classes and groups of letters, as triage sees them. @throws registry.unavailable when one rests on its answer */
  readonly judge: (records: readonly KafkaRecord[]) => Promise<readonly Judgement[]>;
  /** The record that a share group's letter points to. */
  readonly fetchOriginal: FetchOriginal;
  /** Where triage is told which letters are handled; absent where nobody is to be told. */
  readonly handled?: HandledGroups | undefined;
  readonly registry?: ReplayRegistry | undefined;
  readonly now: () => number;
  /** Waits for milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** False when nothing further should be begun. */
  readonly hasTime: () => boolean;
  readonly signal?: AbortSignal | undefined;
}
