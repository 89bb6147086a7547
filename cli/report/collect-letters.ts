import type { Clients } from '#functions/dead-letter-triage/clients.ts';
import type { Settings } from '#functions/dead-letter-triage/config.ts';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { readFacts } from '#functions/dead-letter-triage/report/read-facts.ts';
import type { LettersFacts } from './lake-report.ts';
import type { Named } from './snapshot.ts';

/** Groups that are shown, and those that the next report is told of. */
const shownGroups = 10;
const rememberedGroups = 2_000;

/** Reads what triage knows of dead letters; texts are masked. Changes nothing. */
export async function collectLetters(
  clients: Clients,
  settings: Settings,
  signal: AbortSignal,
): Promise<{ facts: LettersFacts; known: Named[] }> {
  const read = await readFacts({ clients, settings, now: Date.now(), signal });
  const nearMs = settings.alerts.retentionSeconds * 1_000;
  const { totals, topics, groups } = makeReport(read, { order: 'cost', groups: rememberedGroups, nearMs });
  const open = groups.filter(({ state }) => state === 'open');
  const facts: LettersFacts = {
    openGroups: totals.openGroups,
    openLetters: totals.openLetters,
    unread: totals.unread,
    lost: totals.lost,
    topics: topics.map(({ topic, openGroups, openLetters, unread, lost, threat, isRetentionKnown }) => ({
      topic,
      openGroups,
      openLetters,
      unread,
      lost,
      isRetentionKnown,
      ...(threat === undefined ? {} : { deletedInMs: threat.leftMs }),
    })),
    groups: open.slice(0, shownGroups).map(({ id, topic, title, class: name, action, owner, openLetters, ageMs }) => ({
      id,
      topic,
      title,
      class: name,
      action,
      openLetters,
      ageMs,
      ...(owner === undefined ? {} : { owner }),
    })),
    otherGroups: Math.max(0, totals.openGroups - shownGroups),
  };
  return { facts, known: open.map(({ id, topic, title }) => ({ id: `${topic} ${id}`, text: `${topic}: ${title}` })) };
}
