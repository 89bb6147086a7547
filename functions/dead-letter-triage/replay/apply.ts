import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { formatPlace } from '../letter/replay-headers.ts';
import { Breaker, type Returns } from './breaker.ts';
import type { Decision } from './decide.ts';
import type { HeldLetter, LedgerEntry, ReplayedLetter } from './ledger-record.ts';
import { LedgerView } from './ledger-view.ts';
import { Pace } from './pace.ts';
import { surveyReplay } from './plan-file.ts';
import type { PlannedRange } from './plan-schema.ts';
import type { ReplayTools } from './replay-tools.ts';
import { SentCount } from './sent-letters.ts';
import { type Summary, SummaryDraft } from './summary.ts';
import { decideLetters, type DecidedLetters, type FixedReplay } from './survey.ts';
import { beginTurn, groupOf, openTransaction, type Turn } from './turn.ts';

/** What came of applying a plan. */
export interface ReplayOutcome {
  /** `busy`: another instance does it. `left`: there is more, and no time. */
  readonly end: 'done' | 'busy' | 'left' | 'stopped';
  readonly plan: string;
  /** Why it was stopped. */
  readonly reason?: string;
  /** Letters that this run replayed; runs before it may have replayed others. */
  readonly written: number;
  /** Letters that this run noted as held. */
  readonly held: number;
  /** Letters that came back until this run ended the plan; 0 when others end it, or did. */
  readonly returned: number;
  readonly returns: Returns;
  /** Groups that are resolved, since all their letters went back; of a partition each. Known when the end is `done`. */
  readonly resolved?: number;
  /** What the plan has done, by all its runs: the same as was planned when the end is `done`. */
  readonly summary: Summary;
}

/** Records of one transaction, and their bytes. */
const chunkRecords = 2_000;
const chunkBytes = 4 << 20;

/**
 * Does what a plan says, if it still says the same. Each dead letter partition is taken by fencing off whoever had it, also for
 * other plans; then position and ledger are read; then records, ledger and position are written in one transaction after the
 * other. Whoever is killed, at whatever moment: run it again.
 * @throws plan.stale when the plan would do something else by now
 */
export async function applyReplay(
  plan: FixedReplay & { readonly digest: string },
  tools: ReplayTools,
): Promise<ReplayOutcome> {
  const { outdated, summary: planned, ledger } = await surveyReplay(plan, tools);
  if (planned.digest !== plan.digest)
    throw new LakewardenError('plan.stale', `plan ${plan.id} would not do now what it was to do: plan again`, {
      details: { plan: plan.id },
    });
  await tools.ledger.prepare();
  const run = new ReplayRun(plan, ledger, tools);
  const sent = await prepareCounts(plan, tools);
  try {
    for await (const decided of decideLetters(plan, ledger, outdated, tools, sent.size > 0)) {
      await run.take(decided);
      if (run.isOver) break;
      sent.get(decided.range)?.add(decided);
    }
  } finally {
    await run.close();
  }
  const outcome = run.outcome();
  return outcome.end === 'done' ? { ...outcome, resolved: await noteSent(sent, plan, tools) } : outcome;
}

/** Counts of what goes out, by what triage knows now; none where it knows of no group, or nobody is to be told. */
async function prepareCounts(
  { id, replay, ranges }: FixedReplay,
  { handled }: ReplayTools,
): Promise<Map<PlannedRange, SentCount>> {
  const counts = new Map<PlannedRange, SentCount>();
  if (handled === undefined) return counts;
  for (const range of ranges) {
    const groups = await handled.load({ topic: replay.filter.topic, partition: range.partition });
    if (groups.size > 0) counts.set(range, new SentCount(id, groups.values()));
  }
  return counts;
}

/** Killed before this, the plan is run again, and comes to the same counts. */
async function noteSent(
  sent: ReadonlyMap<PlannedRange, SentCount>,
  { replay }: FixedReplay,
  { handled }: ReplayTools,
): Promise<number> {
  let resolved = 0;
  for (const [{ partition, last }, { letters }] of sent)
    resolved += (await handled?.note({ topic: replay.filter.topic, partition }, letters, last)) ?? 0;
  return resolved;
}

type ReplayDecision = Decision & { readonly kind: 'replay' };

class ReplayRun {
  readonly #plan: FixedReplay;
  readonly #tools: ReplayTools;
  readonly #breaker: Breaker;
  readonly #pace: Pace;
  /** What the ledger was told by then, and after. Decisions rest on the first alone. */
  readonly #ledger: LedgerView;
  readonly #fresh: LedgerView;
  readonly #summary: SummaryDraft;
  #turn: Turn | undefined;
  #range: PlannedRange | undefined;
  #isBusy = false;
  #isLeft = false;
  #isProbed: boolean;
  #reason: string | undefined;
  #written = 0;
  #held = 0;
  /** True when it was this run that stopped the plan. */
  #hasStopped = false;

  constructor(plan: FixedReplay, ledger: LedgerView, tools: ReplayTools) {
    this.#plan = plan;
    this.#tools = tools;
    this.#ledger = ledger;
    this.#fresh = new LedgerView(plan.id, { after: ledger });
    this.#breaker = new Breaker(plan, ledger.own, tools);
    this.#pace = new Pace(plan.replay.rate, tools);
    this.#summary = new SummaryDraft(plan.replay.timestamps === 'keep');
    this.#isProbed = this.#breaker.replayed >= (plan.replay.breaker.probe?.letters ?? 0);
    this.#reason = ledger.stopped(plan.id)?.reason;
  }

  get isOver(): boolean {
    return this.#reason !== undefined || this.#isLeft;
  }

  async take(decided: DecidedLetters): Promise<void> {
    if (this.isOver) return;
    if (decided.range !== this.#range) await this.#changeTurn(decided.range);
    try {
      if (this.#turn !== undefined) await this.#write(decided, this.#turn);
    } catch (error) {
      if (!isError(error, 'kafka.fenced')) throw error;
      this.#isBusy = true;
      await this.close();
    }
    // What another instance does was decided all the same: later decisions rest on it.
    if (this.isOver) return;
    this.#summary.addRead(decided);
    for (const decision of decided.decisions) this.#summary.add(decision);
  }

  outcome(): ReplayOutcome {
    const end =
      this.#reason !== undefined ? 'stopped' : this.#isLeft ? 'left' : this.#isBusy ? 'busy' : ('done' as const);
    return {
      end,
      plan: this.#plan.id,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      written: this.#written,
      held: this.#held,
      returned: this.#hasStopped || (end === 'done' && this.#written > 0) ? this.#breaker.counts.returned : 0,
      returns: this.#breaker.counts,
      summary: this.#summary.finish(),
    };
  }

  async close(): Promise<void> {
    await this.#turn?.writer.close();
    this.#turn = undefined;
  }

  async #changeTurn(range: PlannedRange): Promise<void> {
    await this.close();
    this.#range = range;
    try {
      this.#turn = await beginTurn(this.#plan, range, this.#fresh, this.#tools);
      this.#reason = this.#fresh.stopped(this.#plan.id)?.reason;
    } catch (error) {
      if (!isError(error, 'kafka.fenced')) throw error;
      this.#isBusy = true;
    }
  }

  async #write({ decisions, next, isEnd }: DecidedLetters, turn: Turn): Promise<void> {
    if (this.isOver || next <= turn.position) return;
    const isDone = (letter: string): boolean =>
      (this.#ledger.planOf(letter) ?? this.#fresh.planOf(letter)) !== undefined;
    const due = decisions.filter(
      (decision): decision is ReplayDecision => decision.kind === 'replay' && !isDone(decision.letter),
    );
    const held = decisions.flatMap((decision): HeldLetter[] =>
      decision.kind === 'held' ? [{ plan: this.#plan.id, letter: decision.letter, reason: decision.reason }] : [],
    );
    const chunks = cutChunks(due, this.#pace.most(this.#isProbed ? chunkRecords : this.#untilProbe()));
    // A window without letters to write moves the position all the same.
    if (chunks.length === 0 && (isEnd || held.length > 0)) chunks.push([]);
    for (const [index, chunk] of chunks.entries()) {
      if (!(await this.#mayGoOn(turn))) return;
      const isLast = index === chunks.length - 1;
      await this.#pace.wait(chunk.length);
      await this.#commit(chunk, isLast ? held : [], isLast && isEnd ? next : turn.position, turn);
    }
  }

  /** Letters that may go before the first look. */
  #untilProbe(): number {
    const left = (this.#plan.replay.breaker.probe?.letters ?? chunkRecords) - this.#breaker.replayed;
    return Math.max(1, Math.min(left, chunkRecords));
  }

  /** False when the plan must stop, or time is over. */
  async #mayGoOn(turn: Turn): Promise<boolean> {
    const { signal, hasTime, now, wait, ledger } = this.#tools;
    signal?.throwIfAborted();
    if (!hasTime()) {
      this.#isLeft = true;
      return false;
    }
    const { probe } = this.#plan.replay.breaker;
    const isProbe = !this.#isProbed && this.#breaker.replayed >= (probe?.letters ?? Infinity);
    if (isProbe) await wait((probe?.seconds ?? 0) * 1_000);
    this.#isProbed ||= isProbe;
    this.#reason = await this.#breaker.findReason(isProbe);
    if (this.#reason === undefined) return true;
    const entry = { plan: this.#plan.id, reason: this.#reason, at: now() };
    await openTransaction(turn);
    await turn.writer.send(ledger.records(turn.place, [{ kind: 'stopped', entry }], now()));
    await turn.writer.commit();
    this.#hasStopped = true;
    return false;
  }

  /** Records, what the ledger is told of them, and the position: all or nothing. */
  async #commit(
    chunk: readonly ReplayDecision[],
    held: readonly HeldLetter[],
    next: bigint,
    turn: Turn,
  ): Promise<void> {
    const { ledger, now } = this.#tools;
    const { writer, place } = turn;
    const at = now();
    await openTransaction(turn);
    const records = chunk.map(({ draft }) => ({
      ...draft,
      timestamp: draft.timestamp === 'now' ? BigInt(at) : draft.timestamp,
    }));
    const offsets = await writer.send(records);
    const entries = chunk.map(({ entry, draft }, index): ReplayedLetter => {
      const to = formatPlace({ ...draft, offset: offsets[index] as KafkaRecord['offset'] });
      return { ...entry, to, at };
    });
    const told: LedgerEntry[] = [
      ...entries.map((entry) => ({ kind: 'replayed' as const, entry })),
      ...held.map((entry) => ({ kind: 'held' as const, entry })),
    ];
    await writer.send(ledger.records(place, told, at));
    await writer.commitPositions(groupOf(this.#plan.id), [{ ...place, next }]);
    await writer.commit();
    turn.isOpen = false;
    turn.position = next;
    this.#written += chunk.length;
    this.#held += held.length;
    for (const entry of entries) this.#ledger.own.add(entry);
  }
}

function cutChunks(decisions: readonly ReplayDecision[], most: number): ReplayDecision[][] {
  const chunks: ReplayDecision[][] = [];
  let bytes = 0;
  for (const decision of decisions) {
    const { key, value } = decision.draft;
    const chunk = chunks.at(-1);
    bytes += (key?.length ?? 0) + (value?.length ?? 0);
    if (chunk === undefined || chunk.length >= most || bytes > chunkBytes) {
      chunks.push([decision]);
      bytes = 0;
    } else chunk.push(decision);
  }
  return chunks;
}
