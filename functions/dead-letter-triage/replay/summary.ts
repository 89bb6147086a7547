import { createHash } from 'node:crypto';
import { maskPayload } from '../privacy/mask-sample.ts';
import { hashContent, hashHeaders } from './content-hash.ts';
import type { Decision } from './decide.ts';

/** Letters with which one thing happens for one reason. */
interface Counted {
  readonly reason: string;
  readonly count: number;
  /** Some of them. */
  readonly letters: readonly string[];
}

/** What a replay does, or did. Plain data, in a fixed order. */
export interface Summary {
  /** Records that were looked at. */
  readonly read: number;
  /** Records that retention deleted. */
  readonly lost: number;
  readonly selected: number;
  readonly replayed: number;
  /** Of these, records without the headers that they had: their producer does not copy them, and the original is gone. */
  readonly headersLost: number;
  readonly held: readonly Counted[];
  readonly skipped: readonly Counted[];
  readonly targets: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly records: number;
    readonly bytes: number;
    /** Records that get the time of writing, though theirs was to be kept. */
    readonly timesReplaced: number;
  }[];
  /** Some of the records that are written; keys and values are masked. */
  readonly samples: readonly {
    readonly letter: string;
    readonly to: string;
    readonly key: string | null;
    readonly value: string | null;
    readonly headers: readonly string[];
  }[];
  /** Follows from every byte that is written, and from what becomes of each letter. */
  readonly digest: string;
}

const samplesKept = 5;

/** Adds up decisions in their order. */
export class SummaryDraft {
  readonly #digest = createHash('sha256');
  readonly #targets = new Map<
    string,
    { topic: string; partition: number; records: number; bytes: number; timesReplaced: number }
  >();
  readonly #held = new Map<string, { count: number; letters: string[] }>();
  readonly #skipped = new Map<string, { count: number; letters: string[] }>();
  readonly #samples: Summary['samples'][number][] = [];
  readonly #keepsTimes: boolean;
  #read = 0;
  #lost = 0n;
  #selected = 0;
  #replayed = 0;
  #headersLost = 0;

  constructor(keepsTimes: boolean) {
    this.#keepsTimes = keepsTimes;
  }

  addRead({ read, lost }: { readonly read: number; readonly lost: bigint }): void {
    this.#read += read;
    this.#lost += lost;
  }

  add(decision: Decision): void {
    this.#selected += 1;
    if (decision.kind === 'replay') return this.#addReplay(decision);
    const { kind, letter, reason } = decision;
    const map = kind === 'held' ? this.#held : this.#skipped;
    const counted = map.get(reason) ?? { count: 0, letters: [] };
    map.set(reason, counted);
    counted.count += 1;
    if (counted.letters.length < samplesKept) counted.letters.push(letter);
    this.#digest.update(JSON.stringify([kind, letter, reason]));
  }

  finish(): Summary {
    const list = (map: ReadonlyMap<string, Omit<Counted, 'reason'>>): Counted[] =>
      [...map].map(([reason, counted]) => ({ reason, ...counted })).toSorted((a, b) => b.count - a.count);
    return {
      read: this.#read,
      lost: Number(this.#lost),
      selected: this.#selected,
      replayed: this.#replayed,
      headersLost: this.#headersLost,
      held: list(this.#held),
      skipped: list(this.#skipped),
      targets: [...this.#targets.values()].toSorted(
        (a, b) => a.topic.localeCompare(b.topic, 'en') || a.partition - b.partition,
      ),
      samples: this.#samples,
      digest: this.#digest.copy().digest('hex'),
    };
  }

  #addReplay({ draft, letter }: Decision & { kind: 'replay' }): void {
    const { topic, partition, key, value, headers, timestamp } = draft;
    const name = `${topic} ${partition}`;
    const target = this.#targets.get(name) ?? { topic, partition, records: 0, bytes: 0, timesReplaced: 0 };
    this.#targets.set(name, target);
    target.records += 1;
    target.bytes += (key?.length ?? 0) + (value?.length ?? 0);
    if (this.#keepsTimes && timestamp === 'now') target.timesReplaced += 1;
    this.#replayed += 1;
    if (draft.headersLost) this.#headersLost += 1;
    if (this.#samples.length < samplesKept)
      this.#samples.push({
        letter,
        to: `${topic}/${partition}`,
        key: maskPayload(key),
        value: maskPayload(value),
        headers: headers.map(([header]) => Buffer.from(header).toString('latin1').slice(0, 100)),
      });
    this.#digest.update(
      JSON.stringify(['replay', letter, name, hashContent(topic, key, value), hashHeaders(headers), String(timestamp)]),
    );
  }
}
