import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { LedgerView } from './ledger-view.ts';
import type { PlannedRange } from './plan-schema.ts';
import type { ReplayTools } from './replay-tools.ts';
import type { FixedReplay } from './survey.ts';

/** The consumer group whose positions tell how far a plan is. */
export function groupOf(plan: string): string {
  return `replay-${plan}`;
}

/** A dead letter partition, and the right to replay it. */
export interface Turn {
  readonly place: { readonly topic: string; readonly partition: number };
  readonly writer: TransactionalWriter;
  /** True while a transaction is begun. One in which nothing was written yet is none to the brokers, and has no limit. */
  isOpen: boolean;
  position: bigint;
}

/** Begins a transaction unless one is begun. */
export async function openTransaction(turn: Turn): Promise<void> {
  if (!turn.isOpen) await turn.writer.begin();
  turn.isOpen = true;
}

/** Takes a dead letter partition: fences off all others first, and looks how far they were second. */
export async function beginTurn(
  plan: FixedReplay,
  { partition, first }: PlannedRange,
  fresh: LedgerView,
  tools: ReplayTools,
): Promise<Turn> {
  const { topic } = plan.replay.filter;
  const place = { topic, partition };
  // The same id for all plans: two of them must not replay the same letter at once.
  const writer = new TransactionalWriter(tools.link, `lakewarden-replay-${topic}-${partition}`, {
    signal: tools.signal,
  });
  try {
    await writer.begin();
    const positions = await writer.committedPositions(groupOf(plan.id), topic, [partition]);
    await tools.ledger.readAll(fresh, place, tools.signal);
    return { place, writer, isOpen: true, position: positions.get(partition) ?? first };
  } catch (error) {
    await writer.close();
    throw error;
  }
}
