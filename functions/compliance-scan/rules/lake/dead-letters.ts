import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import { type KafkaGrant, type KafkaTopicBody, kafkaKinds } from '../../inventory/kafka/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import type { Look, Need } from '../../model/rule.ts';

/** Which topics hold dead letters. */
export const deadLetterTopics = z
  .array(z.string().min(1))
  .default([
    '*.dlq',
    '*-dlq',
    '*.DLT',
    '*-dead-letter',
    '*.dead-letter',
    '*-dead-letters',
    'dlq.*',
    'dead-letter.*',
    'dead-letter',
  ])
  .describe('names of dead letter topics; what * or {source} stands for is the name of the source');

/** Where letters of a topic come from whose name does not say it. */
export const deadLetterSources = z
  .array(z.string().min(1))
  .default([])
  .describe('sources of dead letter topics whose pattern has no *; * stands for any text');

/** What is kept of a topic. */
export interface TopicFact {
  readonly name: string;
  /** Undefined where access rules could not be read. */
  readonly access: { readonly rules: number; readonly readers: readonly KafkaGrant[] } | undefined;
  /** Milliseconds; infinite for no end, undefined where it could not be read. */
  readonly retentionMs: number | undefined;
}

/** Topics by their names, and all of them. */
export const topicNeed: Need<TopicFact> = {
  kind: kafkaKinds.topic,
  keys: ({ name }) => [name, '*'],
  fact(resource) {
    const body = resource.body as KafkaTopicBody;
    return body.internal ? undefined : readTopicFact(resource.name, body);
  },
};

/** What rules about dead letters and folders judge a topic by. */
export function trimTopic(resource: Resource<KafkaTopicBody>): Resource<KafkaTopicBody> {
  const { body } = resource;
  const settings = Object.entries(body.settings ?? {}).filter(([name]) => name === policy || name === retention);
  return { ...resource, body: { ...body, ...(body.settings && { settings: Object.fromEntries(settings) }), own: [] } };
}

const [policy, retention] = ['cleanup.policy', 'retention.ms'];

/** The fact of a topic. */
export function readTopicFact(name: string, { access, settings }: KafkaTopicBody): TopicFact {
  return {
    name,
    access: access && {
      rules: access.rules,
      readers: access.grants.filter(({ operations }) => operations.includes('Read')),
    },
    retentionMs: readRetention(settings),
  };
}

function readRetention(settings: KafkaTopicBody['settings']): number | undefined {
  const value = settings?.[retention];
  if (value === undefined || !/^-?\d+$/.test(value)) return undefined;
  // Without `delete`, age ends nothing.
  const isDeleted = (settings?.[policy] ?? 'delete').split(',').includes('delete');
  return isDeleted && !value.startsWith('-') ? Number(value) : Infinity;
}

/** Whether a topic holds dead letters, and of which topics that are there. */
export function sourcesOf(
  topic: string,
  patterns: { readonly deadLetterTopics: readonly string[]; readonly deadLetterSources: readonly string[] },
  look: Look,
): readonly TopicFact[] | undefined {
  // People also write {source}, as the settings of the site do.
  const known = patterns.deadLetterTopics.map((each) => each.replaceAll('{source}', '*'));
  const pattern = known.find((each) => fitsPattern(topic, each));
  if (pattern === undefined) return undefined;
  const star = pattern.indexOf('*');
  if (star >= 0 && pattern.lastIndexOf('*') === star)
    return look.related(topicNeed, topic.slice(star, topic.length - (pattern.length - star - 1)));
  return look
    .related(topicNeed, '*')
    .filter(({ name }) => name !== topic && patterns.deadLetterSources.some((each) => fitsPattern(name, each)));
}

/** True when somebody may read by one of these grants, from where he may by the other. */
export function isCovered({ principal, host }: KafkaGrant, by: readonly KafkaGrant[]): boolean {
  return by.some(
    (each) =>
      (each.principal === 'User:*' || each.principal === principal) && (each.host === '*' || each.host === host),
  );
}
