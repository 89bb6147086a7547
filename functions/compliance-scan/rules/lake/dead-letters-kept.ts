import { z } from 'zod';
import { type KafkaTopicBody, kafkaKinds } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { deadLetterSources, deadLetterTopics, readTopicFact, sourcesOf, topicNeed, trimTopic } from './dead-letters.ts';

const parameters = z.strictObject({
  deadLetterTopics,
  deadLetterSources,
  leastDays: z
    .number()
    .positive()
    .default(3)
    .describe('days that dead letters must stay, for somebody to look at them'),
  mostDays: z
    .number()
    .positive()
    .default(30)
    .describe('days after which they must be gone, unless their source stays longer'),
});
const day = 86_400_000;
const kept = (days: number, more: Readonly<Record<string, string>> = {}) => ({
  internal: false,
  settings: { 'retention.ms': String(days < 0 ? -1 : days * day), ...more },
});

/** Dead letters stay long enough, and not for ever. */
export const deadLettersKept = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'lake-dead-letters-kept',
  version: 1,
  title: 'Dead letters stay until somebody looked at them, and not much longer than their source',
  why: 'What is gone after an hour was lost over a weekend. What stays for ever keeps data that was deleted at its source, and that a person may have asked to delete. A compacted topic drops all letters of a key but the last.',
  area: 'durability',
  severity: 'medium',
  kinds: [kafkaKinds.topic],
  remedy: 'Set retention.ms of the dead letter topic to some days, and cleanup.policy=delete.',
  triggers: ['kafka/config', 'kafka/topic'],
  needs: [topicNeed],
  parameters,
  trim: trimTopic,
  judge({ name, body }, look) {
    const { leastDays, mostDays } = look.parameters;
    const sources = sourcesOf(name, look.parameters, look);
    if (sources === undefined) return [];
    const { retentionMs } = readTopicFact(name, body);
    const policy = body.settings?.['cleanup.policy'] ?? '';
    if (retentionMs === undefined) return unknown(`how long ${name} keeps letters could not be read`);
    const evidence = { 'retention.ms': body.settings?.['retention.ms'] ?? '', 'cleanup.policy': policy };
    if (policy.split(',').includes('compact'))
      return fail(`${name} drops all letters of a key but the last`, evidence, { severity: 'high' });
    if (retentionMs < leastDays * day)
      return fail(`${name} keeps letters for less than ${leastDays} days`, evidence, { severity: 'high' });
    if (retentionMs <= mostDays * day) return pass(`${name} keeps letters for some days`);
    if (sources.length === 0)
      return unknown(`${name} keeps letters for more than ${mostDays} days, and its source is not known`);
    const shorter = sources.find((source) => source.retentionMs !== undefined && source.retentionMs < retentionMs);
    if (shorter !== undefined)
      return fail(`${name} keeps letters longer than ${shorter.name} keeps records`, {
        ...evidence,
        source: shorter.name,
      });
    return sources.some((source) => source.retentionMs === undefined)
      ? unknown(`how long the source of ${name} keeps records could not be read`)
      : pass(`${name} keeps letters no longer than its source`);
  },
  examples: [
    {
      shows: 'a week',
      given: { name: 'clicks.dlq', body: kept(7) },
      beside: [{ name: 'clicks', body: kept(1) }],
      status: 'pass',
    },
    {
      shows: 'an hour',
      given: { name: 'clicks.dlq', body: kept(1 / 24) },
      beside: [{ name: 'clicks', body: kept(1) }],
      status: 'fail',
    },
    {
      shows: 'for ever',
      given: { name: 'clicks.dlq', body: kept(-1) },
      beside: [{ name: 'clicks', body: kept(7) }],
      status: 'fail',
    },
    {
      shows: 'for ever, as the source',
      given: { name: 'clicks.dlq', body: kept(-1) },
      beside: [{ name: 'clicks', body: kept(-1) }],
      status: 'pass',
    },
    {
      shows: 'compacted',
      given: { name: 'clicks.dlq', body: kept(7, { 'cleanup.policy': 'compact,delete' }) },
      status: 'fail',
    },
    { shows: 'not told', given: { name: 'clicks.dlq', body: { internal: false } }, status: 'unknown' },
  ],
});
