import type { KafkaHeader } from '#shared/kafka/record.ts';
import { pubsub, serviceBus } from './families/clouds.ts';
import { connect } from './families/connect.ts';
import { eventferry, watermill } from './families/go-and-node.ts';
import { karafka } from './families/karafka.ts';
import { knative } from './families/knative.ts';
import { lakewarden } from './families/lakewarden.ts';
import { masstransit } from './families/masstransit.ts';
import { shareGroup } from './families/share-group.ts';
import { smallrye, smallryeRetry } from './families/smallrye.ts';
import { springCloudStream } from './families/spring-cloud-stream.ts';
import { spring } from './families/spring.ts';
import { streams } from './families/streams.ts';
import type { Field } from './field.ts';
import type { FamilyName } from './hop.ts';
import { type Found, type HeaderFamily, type PlacedHop, readFamily } from './header-family.ts';
import { NameTable } from './name-table.ts';

const families: readonly HeaderFamily[] = [
  connect,
  streams,
  shareGroup,
  spring,
  springCloudStream,
  smallrye,
  smallryeRetry,
  knative,
  watermill,
  eventferry,
  karafka,
  masstransit,
  pubsub,
  serviceBus,
  lakewarden,
];

/** Every header that a family knows, by its whole name: no name belongs to two. */
const known = new Map(
  families.flatMap((family) =>
    Object.entries(family.fields).map(
      ([name, field], rank): [string, { family: HeaderFamily; name: string; field: Field; rank: number }] => [
        name,
        { family, name, field, rank },
      ],
    ),
  ),
);
const meanings = new NameTable(known);

/** The names of headers that some family adds, which a replay takes off again. */
export const familyHeaders: ReadonlySet<string> = new Set(known.keys());

/** The headers without those of families that tell of something there: names of other families are the producer's own. */
export function stripFamilies(headers: readonly KafkaHeader[]): KafkaHeader[] {
  const there = new Set<FamilyName>(readHeaders(headers).map(({ hop }) => hop.family));
  if (there.size === 0) return [...headers];
  return headers.filter(([bytes]) => {
    const entry = meanings.get(bytes);
    return entry === undefined || !there.has(entry.family.name);
  });
}

/** What the headers of a record tell of failures: the hops of all families, in no order among families. */
export function readHeaders(headers: readonly KafkaHeader[]): PlacedHop[] {
  const found = new Map<HeaderFamily, Found[]>();
  for (let position = 0; position < headers.length; position += 1) {
    const [bytes, value] = headers[position] as KafkaHeader;
    const entry = meanings.get(bytes);
    if (entry === undefined) continue;
    const { family, name, rank, field } = entry;
    const one = { name, value, position, rank, field };
    const list = found.get(family);
    if (list === undefined) found.set(family, [one]);
    else list.push(one);
  }
  return [...found].flatMap(([family, list]) => readFamily(family, list));
}
