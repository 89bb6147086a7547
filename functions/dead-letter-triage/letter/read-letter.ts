import type { KafkaRecord } from '#shared/kafka/record.ts';
import { fitsPattern } from '../pattern.ts';
import { declaredHop, type DeclaredSource, readEnvelope } from './declared-source.ts';
import { readKsqldb } from './families/ksqldb.ts';
import type { PlacedHop } from './header-family.ts';
import type { Hop } from './hop.ts';
import type { Letter, Payload } from './letter.ts';
import { readHeaders } from './read-headers.ts';

/** More hops than that are a loop or an attack: the first and the newest are kept. */
const mostHops = 64;

/** SmallRye's default name of a dead letter topic begins so. */
const smallryeTopic = 'dead-letter-topic-';

/**
 * Understands a record of a dead letter topic by its headers, and where these are silent by its value and what was declared
 * of its topic. Pure; never throws, whatever the record holds. What it cannot tell is absent.
 */
export function readLetter(record: KafkaRecord, sources: readonly DeclaredSource[] = []): Letter {
  const placed = readHeaders(record.headers);
  const source = sources.find(({ topic }) => fitsPattern(record.topic, topic));
  const envelope = source && readEnvelope(source, record);
  const log = envelope === undefined ? readKsqldb(record.value) : undefined;
  const body = envelope ?? log;
  // The value was there before anybody added headers.
  const hops: Hop[] = body === undefined ? [] : [body.hop];
  hops.push(...orderHops(placed));
  if (hops.length === 0 && source !== undefined) {
    const hop = declaredHop(source);
    if (hop !== undefined) hops.push(hop);
  }
  const hopsLeftOut = Math.max(0, hops.length - mostHops);
  if (hopsLeftOut > 0) hops.splice(1, hopsLeftOut);
  return { record, hops, hopsLeftOut, payload: findPayload(record, hops, body) };
}

type Enclosed = Pick<Payload & { kind: 'enclosed' }, 'key' | 'value' | 'isExact'>;

function findPayload(record: KafkaRecord, hops: readonly Hop[], enclosed: Enclosed | undefined): Payload {
  if (enclosed !== undefined && (enclosed.value !== undefined || enclosed.key !== undefined)) {
    const { key, value, isExact } = enclosed;
    return {
      kind: 'enclosed',
      ...(key === undefined ? {} : { key }),
      ...(value === undefined ? {} : { value }),
      isExact,
    };
  }
  const pointer = hops.findLast(({ family }) => family === 'share-group');
  const isPointer = record.key === null && record.value === null && pointer?.origin.offset !== undefined;
  return isPointer ? { kind: 'elsewhere', origin: pointer.origin } : { kind: 'record' };
}

/**
 * Oldest first. Headers added behind stand in the order of time; those added before stand the other way round. Between the
 * two the record does not tell: the one added before is taken for the newer, unless the other was read from SmallRye's topic.
 */
function orderHops(placed: readonly PlacedHop[]): Hop[] {
  const behind = placed.filter(({ adds }) => adds === 'behind').toSorted((a, b) => a.position - b.position);
  const before = placed.filter(({ adds }) => adds === 'before').toSorted((a, b) => b.position - a.position);
  const later = behind.findIndex(({ hop }) => hop.origin.topic?.startsWith(smallryeTopic) === true);
  const at = later < 0 ? behind.length : later;
  return [...behind.slice(0, at), ...before, ...behind.slice(at)].map(({ hop }) => hop);
}
