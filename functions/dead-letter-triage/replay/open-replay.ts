import { setTimeout as sleep } from 'node:timers/promises';
import type { Announce } from '../announce.ts';
import type { Clients } from '../clients.ts';
import { isDeadLetterTopic, type Settings } from '../config.ts';
import { originalsOf } from '../letter/originals.ts';
import { Understanding } from '../understand.ts';
import { HandledGroups } from './handled-groups.ts';
import { LedgerTopic } from './ledger-topic.ts';
import type { ReplayTools } from './replay-tools.ts';

/** What replays need, by the settings of the function. */
export function openReplay(
  settings: Settings,
  clients: Clients,
  announce: Announce,
  { hasTime = () => true, signal }: Partial<Pick<ReplayTools, 'hasTime' | 'signal'>> = {},
): ReplayTools {
  const { link, registry } = clients;
  const { replay, state, sources } = settings;
  const fetchOriginal = originalsOf(link, signal);
  const understanding = new Understanding(settings, { schemas: registry, fetchOriginal });
  const clock = { now: Date.now, wait: (ms: number) => waitFor(ms, signal), signal };
  return {
    link,
    ledger: new LedgerTopic(link, replay.ledger),
    rules: {
      allowed: replay.targets,
      forbidden: [...replay.forbidden, state.topic, replay.ledger.topic],
      isDeadLetterTopic: (topic) => isDeadLetterTopic(settings, topic),
    },
    sources,
    judge: (records) => understanding.understand(records, new Map()),
    registry,
    fetchOriginal,
    ...clock,
    handled: new HandledGroups(settings, clients, announce, clock),
    hasTime,
  };
}

async function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
