import { z } from 'zod';
import { kafkaKinds, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { labelOf } from '../../model/resource.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isPlaceholder } from '../placeholder.ts';

const parameters = z.strictObject({
  ownerLabel: z.string().min(1).default('owner').describe('label of the registry that names the owner of a topic'),
});

/** Each topic has somebody to ask. */
export const topicOwned = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'kafka-topic-owned',
  version: 1,
  title: 'Each topic has an owner',
  why: 'Kafka keeps no tags, so that nobody can be asked about a topic unless a naming rule or a registry says whose it is.',
  area: 'ownership',
  severity: 'medium',
  kinds: [kafkaKinds.topic],
  remedy:
    "Add the topic, or a pattern that its name fits, with an owner to the labels in the scan's settings for this cluster.",
  triggers: ['kafka/topic'],
  parameters,
  judge(resource, { parameters: { ownerLabel } }) {
    const { name, labels, body } = resource;
    if (body.internal) return [];
    if (labels === undefined) return unknown(`the settings have no registry that could tell who owns ${name}`);
    const owner = labelOf(resource, ownerLabel);
    return owner === undefined || isPlaceholder(owner)
      ? fail(`nobody owns ${name}`, { [ownerLabel]: owner ?? null })
      : pass(`${name} belongs to ${owner}`);
  },
  examples: [
    { shows: 'an owner', given: { labels: { owner: 'orders' }, body: { internal: false } }, status: 'pass' },
    { shows: 'none', given: { labels: {}, body: { internal: false } }, status: 'fail' },
    { shows: 'a placeholder', given: { labels: { owner: 'TODO' }, body: { internal: false } }, status: 'fail' },
    { shows: 'no registry', given: { body: { internal: false } }, status: 'unknown' },
  ],
});
