import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { SchemaSource } from '../diagnose/registered-schema.ts';
import type { Judgement } from '../judge-letter.ts';
import type { DeclaredSource } from '../letter/declared-source.ts';
import type { Letter } from '../letter/letter.ts';
import type { FetchOriginal } from '../originals.ts';
import type { LedgerTopic } from './ledger-topic.ts';
import type { TargetRules } from './targets.ts';

/** What replays need of the world. */
export interface ReplayTools {
  readonly link: KafkaLink;
  readonly ledger: LedgerTopic;
  readonly rules: TargetRules;
  readonly sources: readonly DeclaredSource[];
  /** The class and group of a letter; asked only when a replay selects by them. */
  readonly judge: (letter: Letter) => Promise<Judgement>;
  /** The record that a share group's letter points to. */
  readonly fetchOriginal: FetchOriginal;
  readonly registry?: SchemaSource | undefined;
  readonly now: () => number;
  /** Waits for milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** False when nothing further should be begun. */
  readonly hasTime: () => boolean;
  readonly signal?: AbortSignal | undefined;
}
