import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import { invalidEvent, readData, readOptions, unsupportedEvent } from '#shared/events/doorbell.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { functionName } from './announce.ts';
import { isDeadLetterTopic, type Settings } from './config.ts';
import { readFeedBatch } from './letter/openwhisk-batch.ts';
import type { Problem } from './problem.ts';
import type { LogPlace } from './state/state-record.ts';

/** Where a run looks: at all dead letter topics, at some of them, or at single partitions. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'topics'; readonly topics: readonly string[] }
  | { readonly kind: 'places'; readonly places: readonly LogPlace[] };

/** What an event (or the command line) asks for. */
export interface Request {
  readonly scope: Scope;
  /** Answer what would be done and change nothing. */
  readonly dryRun: boolean;
  /** An event that nobody took: it becomes a dead letter of ours first. */
  readonly undelivered?: CloudEventIn;
  /** What was not understood and is left aside. */
  readonly problems: readonly Problem[];
}

/** The parts of a CloudEvent that say where to look. */
export type Doorbell = Pick<CloudEventIn, 'type' | 'data'> & Partial<CloudEventIn>;

const topicName = z.string().regex(/^[\w.-]{1,249}$/, 'the name of a Kafka topic');
const options = z.object({
  topics: z.array(topicName).min(1).max(1_000).optional(),
  dryRun: z.boolean().default(false),
});
const place = z.object({ topic: topicName, partition: z.int().min(0).max(0x7fffffff) });
const places = z.object({ places: z.array(place).min(1).max(10_000) });

/**
 * Reads what an event asks for. The event only says where to look; letters are read from Kafka.
 * @throws event.unsupported for a type we do not know; event.invalid for data that does not fit its type, and for topics that
 * the settings do not call dead letter topics
 */
export function readDoorbell(event: Doorbell, settings: Settings): Request {
  if (isUndelivered(event)) return readUndelivered(event, settings);
  switch (event.type) {
    case 'dev.knative.sources.ping':
      return readTick(event, settings);
    case 'dev.knative.kafka.event':
      return readKafkaEvent(event, settings);
    case 'org.apache.openwhisk.kafka.messages':
      return readFeed(event, settings);
    case 'dev.lakewarden.dead-letter-triage.resumed': {
      const given = readData(places, event).places;
      return lookAt(given, given.length, event.type, settings);
    }
    default:
      throw unsupportedEvent(event.type, functionName);
  }
}

function readTick(event: Doorbell, settings: Settings): Request {
  const { options: asked, problems } = readOptions(options, event, functionName);
  const { topics, dryRun } = asked;
  for (const topic of topics ?? [])
    if (!isDeadLetterTopic(settings, topic))
      throw invalidEvent(event.type, `${topic} is no dead letter topic by the settings`);
  return {
    scope: topics === undefined ? { kind: 'all' } : { kind: 'topics', topics: [...new Set(topics)] },
    dryRun,
    problems,
  };
}

/**
 * A record as Knative's KafkaSource delivers it: topic in the source's fragment, partition and offset in the subject. What
 * else it carries is damaged as a rule.
 */
function readKafkaEvent({ type, source = '', subject = '' }: Doorbell, settings: Settings): Request {
  const [, topic = ''] = /#([\w.-]{1,249})$/.exec(source) ?? [];
  const [, partition] = /^partition:(\d{1,9})#\d{1,19}$/.exec(subject) ?? [];
  if (topic === '' || partition === undefined)
    throw invalidEvent(type, 'source#topic and subject partition:p#offset do not say where to look');
  return lookAt([{ topic, partition: Number(partition) }], 1, type, settings);
}

function readFeed({ type, data }: Doorbell, settings: Settings): Request {
  const batch = readFeedBatch({ messages: data });
  if (batch === undefined) throw invalidEvent(type, 'the messages are not an array');
  return lookAt(batch.places, batch.places.length + batch.illegible, type, settings);
}

/** Places of other topics are left aside, unless there are no others. */
function lookAt(given: readonly LogPlace[], all: number, type: string, settings: Settings): Request {
  const wanted = new Map(
    given
      .filter(({ topic }) => isDeadLetterTopic(settings, topic))
      .map(({ topic, partition }) => [`${topic}/${partition}`, { topic, partition }]),
  );
  if (wanted.size === 0 && all > 0) throw invalidEvent(type, 'it names no dead letter topic of the settings');
  const valid = given.filter(({ topic }) => isDeadLetterTopic(settings, topic)).length;
  const left = all - valid;
  return {
    scope: { kind: 'places', places: [...wanted.values()] },
    dryRun: false,
    problems:
      left === 0
        ? []
        : [{ code: 'event.place', message: `${left} of ${all} places are illegible or of no dead letter topic` }],
  };
}

function isUndelivered({ extensions = {} }: Doorbell): boolean {
  return 'knativeerrordest' in extensions || 'knativeerrorcode' in extensions;
}

function readUndelivered(event: Doorbell, { knativeLetters }: Settings): Request {
  const { id, source, type } = event;
  if (knativeLetters === undefined)
    throw new LakewardenError(
      'event.unsupported',
      'dead letters of a Broker are taken with the setting knativeLetters',
    );
  if (id === undefined || source === undefined) throw invalidEvent(type, 'it has no id or no source');
  const undelivered: CloudEventIn = { specversion: '1.0', extensions: {}, ...event, id, source };
  return { scope: { kind: 'places', places: [] }, dryRun: false, undelivered, problems: [] };
}
