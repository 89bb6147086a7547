import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StateTopic } from '#functions/dead-letter-triage/state/state-topic.ts';
import type { Batch } from '#functions/dead-letter-triage/state/read-batch.ts';
import { takeTurn, type TurnTools } from '#functions/dead-letter-triage/state/turn.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';

/** A group as these tests count it. */
export interface Counted {
  readonly letters: number;
}

/** Where turns work. */
export interface TurnSite {
  readonly broker: string;
  readonly topic: string;
  readonly state: string;
  readonly statePartitions: number;
  /** Gets a file for each batch, named by its offsets, with the offsets of its letters. */
  readonly folder: string;
}

/** Counts letters by their values, and writes a file for each batch. */
export function countingTools(link: KafkaLink, site: TurnSite): TurnTools<Counted> {
  return {
    link,
    state: new StateTopic(link, site.state, site.statePartitions),
    group: `count-${site.topic}`,
    limits: { records: 20, bytes: 1 << 20 },
    now: Date.now,
    hasTime: () => true,
    async work({ first, last, records }: Batch, groups) {
      const changed = new Map<string, Counted>();
      for (const { value } of records) {
        const name = String(value);
        const before = changed.get(name) ?? groups.get(name);
        changed.set(name, { letters: (before?.letters ?? 0) + 1 });
      }
      mkdirSync(site.folder, { recursive: true });
      writeFileSync(join(site.folder, `${first}-${last}`), Array.from(records, ({ offset }) => offset).join('\n'));
      // So that kills hit the time between the world's change and the commit, too.
      await sleep(Math.random() * 10);
      return changed;
    },
  };
}

/** Starts a process that takes one turn at the topic's first partition, and prints a dot for each batch. */
export function startTurn(site: TurnSite): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(site)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

if (import.meta.main) {
  // Whoever is killed hands on what it has compiled, too.
  flushCompileCache();
  const site = JSON.parse(process.argv[2] ?? '{}') as TurnSite;
  const link = new KafkaLink({ brokers: [site.broker], deadlineMs: 15_000 });
  const tools = countingTools(link, site);
  const work: typeof tools.work = (...batch) => {
    process.stdout.write('.');
    return tools.work(...batch);
  };
  await takeTurn({ topic: site.topic, partition: 0 }, { ...tools, work });
  await link.close();
}
