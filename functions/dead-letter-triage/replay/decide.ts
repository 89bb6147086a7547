import { firstOrigin, type Letter } from '../letter/letter.ts';
import { formatPlace } from '../letter/replay-headers.ts';
import { hashContent } from './content-hash.ts';
import { type DraftTools, draftRecord, failedBytes, type RecordDraft, type Target } from './draft-record.ts';
import { KeyTable } from './key-table.ts';
import type { ReplayedLetter } from './ledger-record.ts';
import type { LedgerView } from './ledger-view.ts';
import { originPlace, toldReplays } from './letter-facts.ts';
import { refuseTarget, type TargetRules } from './targets.ts';
import { Refusal } from '../transform/refusal.ts';

/** What becomes of a letter that a plan selects. */
export type Decision = {
  /** The letter. */
  readonly letter: string;
  readonly record: Letter['record'];
} & (
  | { readonly kind: 'replay'; readonly draft: RecordDraft; readonly entry: Omit<ReplayedLetter, 'to' | 'at'> }
  /** It stays where it is, and somebody should look at it. */
  | { readonly kind: 'held'; readonly reason: string }
  /** It was replayed before, or it is there twice. */
  | { readonly kind: 'skipped'; readonly reason: string; /** The plan that replayed it. */ readonly by: string }
);

/** What deciding needs. */
export interface DecideTools extends DraftTools {
  readonly rules: TargetRules;
  /** Undefined for a topic that is not there. */
  readonly target: (topic: string) => Target | undefined;
  /** True for a letter whose key has newer records in its origin, and must therefore wait. */
  readonly isOutdated: (letter: string) => boolean;
}

/** Bytes of a batch around one record, at most. */
const batchOverhead = 200;

/**
 * Decides of one letter after the other, in the order in which they would be written. The same letters and the same ledger always
 * give the same decisions; what the plan itself did before does not count, so that it can be decided again halfway.
 */
export class Decider {
  readonly #tools: DecideTools;
  readonly #ledger: LedgerView;
  /** Records of letters that the plan replays, by where they failed first and what they hold. */
  readonly #origins = new KeyTable();
  readonly #heldKeys = new KeyTable();
  #left: number;

  constructor(ledger: LedgerView, tools: DecideTools) {
    this.#tools = tools;
    this.#ledger = ledger;
    this.#left = tools.replay.budget.total;
  }

  decide(letter: Letter): Decision {
    const { record } = letter;
    const place = formatPlace(record);
    const own = { letter: place, record };
    const before = this.#ledger.planOf(place);
    if (before !== undefined && before !== this.#tools.plan)
      return { ...own, kind: 'skipped', reason: `plan ${before} replayed it`, by: before };
    try {
      return this.#draft(letter, place);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#holdKey(letter);
      return { ...own, kind: 'held', reason: error.message };
    }
  }

  #draft(letter: Letter, place: string): Decision {
    const { replay, rules, plan } = this.#tools;
    const { record } = letter;
    const bytes = failedBytes(letter, replay.inexact);
    const topic = replay.to.topic ?? originTopic(letter);
    const refused = refuseTarget(topic, record.topic, rules);
    if (refused !== undefined) throw new Refusal(`${topic} is not written to: ${refused}`);
    const target = this.#tools.target(topic);
    if (target === undefined) throw new Refusal(`there is no topic ${topic}`);
    const incoming = hashContent(topic, bytes.key, bytes.value);
    const origin = originPlace(letter);
    const isKnown = (at: string): boolean =>
      this.#origins.has(`${at} ${incoming}`) || this.#ledger.hasReplayed(at, incoming);
    if (origin !== undefined && isKnown(origin))
      return { letter: place, record, kind: 'skipped', reason: 'another letter is the same record', by: plan };
    if (replay.order === 'key' && this.#heldKeys.has(keyOf(letter, topic) ?? ''))
      throw new Refusal('a letter of the same key before it is held');
    if (this.#tools.isOutdated(place)) throw new Refusal('its key has newer records in the topic it came from');
    // What this plan writes comes back behind its letters, so other plans alone count.
    const earlier = [incoming, ...(origin === undefined ? [] : [`to ${origin}`])];
    const told = Math.max(toldReplays(letter), ...earlier.map((name) => this.#ledger.timesReplayed(name)));
    if (told >= replay.budget.perLetter) throw new Refusal(`it was replayed ${told} times before`);
    if (this.#left === 0) throw new Refusal(`the plan replays ${replay.budget.total} letters at most`);
    const count = told + 1;
    const draft = draftRecord(letter, topic, target, count, this.#tools);
    if (sizeOf(draft) > target.limits.maxBatchBytes) throw new Refusal(`it is longer than ${topic} takes`);
    this.#left -= 1;
    const contents = [...new Set([incoming, hashContent(topic, draft.key, draft.value)])];
    if (origin !== undefined) this.#origins.set(`${origin} ${incoming}`);
    return { letter: place, record, kind: 'replay', draft, entry: { plan, letter: place, origin, contents, count } };
  }

  #holdKey(letter: Letter): void {
    const key = keyOf(letter, this.#tools.replay.to.topic ?? firstOrigin(letter)?.topic ?? '');
    if (key !== undefined) this.#heldKeys.set(key);
  }
}

function originTopic(letter: Letter): string {
  const origin = firstOrigin(letter);
  if (origin?.topic === undefined) throw new Refusal('the letter does not tell the topic it came from');
  if (origin.maybeId === true) throw new Refusal('the letter tells only the number of the topic it came from');
  return origin.topic;
}

/** Records of one key have an order; those without a key have none. */
function keyOf({ record, payload }: Letter, topic: string): string | undefined {
  const key = payload.kind === 'enclosed' && payload.key !== undefined ? payload.key : record.key;
  return key === null ? undefined : `${topic} ${Buffer.from(key).toString('base64')}`;
}

function sizeOf({ key, value, headers }: RecordDraft): number {
  const bytes = headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0) + 10, 0);
  return bytes + (key?.length ?? 0) + (value?.length ?? 0) + batchOverhead;
}
