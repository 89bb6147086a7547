import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { Breaker, type Returns } from './breaker.ts';
import type { HeldLetter } from './ledger-record.ts';
import { LedgerView } from './ledger-view.ts';
import type { ReplayTools } from './replay-tools.ts';
import type { FixedReplay } from './survey.ts';
import { groupOf } from './turn.ts';

/** How far a plan is. */
export interface ReplayStatus extends Returns {
  readonly plan: string;
  /** Why it was stopped. */
  readonly stopped?: string;
  readonly partitions: readonly {
    readonly partition: number;
    /** Offset from which on it goes on. */
    readonly next: string;
    readonly last: string;
    readonly done: boolean;
  }[];
  readonly held: readonly HeldLetter[];
}

/** Looks how far a plan is, and how many of its letters came back. Writes nothing. */
export async function readStatus(plan: FixedReplay, tools: ReplayTools): Promise<ReplayStatus> {
  const { link, signal } = tools;
  const { topic } = plan.replay.filter;
  const ledger = await tools.ledger.read(new LedgerView(plan.id, { keepsHeld: true }), signal);
  const partitions = plan.ranges.map(({ partition }) => partition);
  const positions = await new TopicAdmin(link).groupPositions(groupOf(plan.id), topic, partitions, { signal });
  const stopped = ledger.stopped(plan.id)?.reason;
  return {
    plan: plan.id,
    ...(await new Breaker(plan, ledger.own, tools).look()),
    ...(stopped === undefined ? {} : { stopped }),
    partitions: plan.ranges.map(({ partition, first, last }) => {
      const next = positions.get(partition) ?? first;
      return { partition, next: String(next), last: String(last), done: next > last };
    }),
    held: ledger.held(),
  };
}
