import type { KafkaRecord } from '#shared/kafka/record.ts';
import type { Fault } from '../diagnose/diagnosis.ts';
import { tellFault } from '../diagnose/tell-fault.ts';
import type { Hop, Origin } from '../letter/hop.ts';

/** A dead letter that is set aside: the record byte for byte, and what was found out about it. */
export interface QuarantineEntry {
  readonly record: KafkaRecord;
  readonly fingerprint: string;
  /** One of the classes of dead letters. */
  readonly class: string;
  /** What is to be done with it. */
  readonly action: string;
  /** The newest failure that it tells of. */
  readonly failure?: Hop | undefined;
  /** Where it first failed. */
  readonly origin?: Origin | undefined;
  readonly faults: readonly Fault[];
}

/** What is told of a letter beside its bytes, in the order of the columns; null is unknown. */
export interface EntryFindings {
  readonly fingerprint: string;
  readonly class: string;
  readonly action: string;
  readonly family: string | null;
  readonly stage: string | null;
  readonly component: string | null;
  readonly origin_topic: string | null;
  readonly origin_partition: number | null;
  readonly origin_offset: bigint | null;
  readonly error_class: string | null;
  readonly error_message: string | null;
  /** Codes of what is wrong with the bytes, the most important first. */
  readonly faults: readonly string[];
  /** The same in words, with the places, and the version of the schema that would take the bytes. */
  readonly diagnosis: readonly string[];
}

/** The findings of an entry as columns. */
export function entryFindings({ fingerprint, failure, origin, faults, ...entry }: QuarantineEntry): EntryFindings {
  return {
    fingerprint,
    class: entry.class,
    action: entry.action,
    family: failure?.family ?? null,
    stage: failure?.stage ?? null,
    component: failure?.component ?? null,
    origin_topic: origin?.topic ?? null,
    origin_partition: origin?.partition ?? null,
    origin_offset: origin?.offset ?? null,
    error_class: failure?.error.rootClass ?? failure?.error.class ?? null,
    error_message: failure?.error.message ?? null,
    faults: faults.map(({ code }) => code),
    diagnosis: faults.map(tellFault),
  };
}
