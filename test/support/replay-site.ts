import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RuleBook } from '#functions/dead-letter-triage/classify/rules.ts';
import { judgeLetter } from '#functions/dead-letter-triage/classify/judge-letter.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { originalsOf } from '#functions/dead-letter-triage/letter/originals.ts';
import { applyReplay } from '#functions/dead-letter-triage/replay/apply.ts';
import { LedgerTopic } from '#functions/dead-letter-triage/replay/ledger-topic.ts';
import { type PrintedPlan, readPlan } from '#functions/dead-letter-triage/replay/plan-file.ts';
import type { ReplayTools } from '#functions/dead-letter-triage/replay/replay-tools.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';

const rules = new RuleBook([]);

/** What replays need in tests, with a ledger of one topic. */
export function replayTools(link: KafkaLink, ledger: string, changes: Partial<ReplayTools> = {}): ReplayTools {
  return {
    link,
    ledger: new LedgerTopic(link, { topic: ledger, partitions: 2 }),
    rules: { forbidden: [], isDeadLetterTopic: () => false },
    sources: [],
    judge: async (records) => records.map((record) => judgeLetter(readLetter(record), {}, rules)),
    fetchOriginal: originalsOf(link),
    now: Date.now,
    wait: (ms) => sleep(ms),
    hasTime: () => true,
    ...changes,
  };
}

/** Applies a plan as it was printed. */
export function applyPrinted(plan: PrintedPlan, tools: ReplayTools) {
  return applyReplay(readPlan(JSON.stringify(plan), 'plan.json'), tools);
}

/** Where a process replays. */
export interface ReplaySite {
  readonly broker: string;
  readonly ledger: string;
  readonly plan: PrintedPlan;
}

/** Starts a process that applies a plan time and again, and prints a dot at each of its steps. */
export function startReplayRun(site: ReplaySite): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(site)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

if (import.meta.main) {
  // Whoever is killed hands on what it has compiled, too.
  flushCompileCache();
  const site = JSON.parse(process.argv[2] ?? '{}') as ReplaySite;
  const link = new KafkaLink({ brokers: [site.broker], deadlineMs: 15_000 });
  const dot = (): boolean => {
    process.stdout.write('.');
    return true;
  };
  const { end } = await applyPrinted(site.plan, replayTools(link, site.ledger, { hasTime: dot }));
  await link.close();
  process.exitCode = end === 'done' ? 0 : 1;
}
