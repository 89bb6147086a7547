import { fitsPattern } from '../pattern.ts';

/** Where replays may write. */
export interface TargetRules {
  /** Patterns of topics; absent: any that nothing else forbids. */
  readonly allowed?: readonly string[] | undefined;
  /** Patterns of topics that are never written to, such as our own. */
  readonly forbidden: readonly string[];
  /** True for what the settings call a dead letter topic. */
  readonly isDeadLetterTopic: (topic: string) => boolean;
}

/** What topics are named whose records are not for everybody's eyes, or that begin a circle. */
const kinds: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^__/, 'an internal topic'],
  [/-(?:repartition|changelog)$/i, 'an internal topic of Kafka Streams'],
  [/(?:^|[._-])(?:dlq|dlt|dead[._-]?letters?(?:[._-](?:topic|queue))?)(?:$|[._-])/i, 'a dead letter topic'],
  [/(?:^|[._-])retry(?:[._-]\d+)*$/i, 'a retry topic'],
];

/** Why a topic may not be written to by a replay; undefined when it may. */
export function refuseTarget(topic: string, source: string, rules: TargetRules): string | undefined {
  if (topic === source) return 'it is the dead letter topic itself';
  const kind = kinds.find(([pattern]) => pattern.test(topic));
  const { allowed, forbidden, isDeadLetterTopic } = rules;
  if (isDeadLetterTopic(topic)) return 'the settings call it a dead letter topic';
  if (kind !== undefined) return `it is ${kind[1]}`;
  if (forbidden.some((pattern) => fitsPattern(topic, pattern))) return 'the settings forbid it';
  if (allowed !== undefined && !allowed.some((pattern) => fitsPattern(topic, pattern)))
    return 'it is not among the allowed ones';
  return undefined;
}
