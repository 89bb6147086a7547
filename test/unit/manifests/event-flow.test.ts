import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { functionNames, ofKind, readFolder, repository, type With } from '../../support/manifests.ts';
import { passes, type TriggerSpec } from '../../support/trigger-filter.ts';

const eventing = readFolder('base/eventing');
const triggers: With<TriggerSpec>[] = ofKind(eventing, 'Trigger');
const pings: With<{ schedule: string; data: string; ceOverrides: { extensions: { function: string } } }>[] = ofKind(
  eventing,
  'PingSource',
);

interface Sent {
  readonly type: string;
  readonly source: string;
}

/** Every event that a function sends: the examples name their senders; file.closed has its writers', and one sender more. */
const sent: Sent[] = readdirSync(join(repository, 'events/examples'))
  .map((name) => JSON.parse(readFileSync(join(repository, 'events/examples', name), 'utf8')) as Sent)
  .filter(({ source }) => source.startsWith('/lakewarden/'))
  .concat({ type: 'dev.lakewarden.file.closed', source: '/lakewarden/dead-letter-triage/default' });

const senderOf = ({ source }: Sent): string => source.split('/')[2] ?? '';
const takersOf = (event: Readonly<Record<string, unknown>>): string[] => [
  ...new Set(triggers.filter(({ spec }) => passes(spec.filters, event)).map(({ spec }) => spec.subscriber.ref.name)),
];

/** Each way on which an event of a function reaches a function. */
const ways = sent
  .flatMap((event) =>
    takersOf({ ...event }).map((to) => `${senderOf(event)} > ${event.type.replace('dev.lakewarden.', '')} > ${to}`),
  )
  .toSorted();

describe('the flow of events', () => {
  test('has the ways that are meant, and no others', () => {
    expect(ways).toEqual([
      'compliance-scan > compliance-scan.resumed > compliance-scan',
      'compliance-scan > scan.requested > compliance-scan',
      'dead-letter-triage > dead-letter-triage.resumed > dead-letter-triage',
      'dead-letter-triage > replay.requested > dead-letter-triage',
      'metastore-sync > metastore-sync.resumed > metastore-sync',
      'metastore-sync > metastore.changed > compliance-scan',
      'metastore-sync > partitions.added > partition-compaction',
      'metastore-sync > partitions.changed > partition-compaction',
      'metastore-sync > table.created > compliance-scan',
      'metastore-sync > table.drifted > compliance-scan',
      'metastore-sync > table.evolved > compliance-scan',
      'partition-compaction > compaction.requested > partition-compaction',
      'partition-compaction > partition-compaction.resumed > partition-compaction',
      'partition-compaction > partition.compacted > metastore-sync',
    ]);
  });

  test('goes round only where each round leaves less to do', () => {
    // Why each event on a circle is the last one some day. Whoever adds one says it here.
    const ends: Readonly<Record<string, string>> = {
      'compliance-scan.resumed': 'it names the listings that are left, and fewer are left each time',
      'scan.requested': 'changes ask for it, sweeps never do',
      'dead-letter-triage.resumed': 'positions only move on',
      'replay.requested': 'it goes on with a plan whose letters are counted',
      'metastore-sync.resumed': 'it names the topics that are left',
      'compaction.requested': 'a run that is given paths fans nothing out',
      'partition-compaction.resumed': 'it names the partitions that are left',
      'partitions.added': 'partitions are added once',
      'partitions.changed': 'a compacted partition is planned no merge',
      'partition.compacted': 'a sync that finds nothing new tells nothing',
    };
    const edges = ways.map((way) => way.split(' > ') as [string, string, string]);
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      edges.some(([sender, , taker]) => {
        if (sender !== from || seen.has(taker)) return false;
        return taker === to || reaches(taker, to, seen.add(taker));
      });
    const circular = edges.filter(([from, , to]) => from === to || reaches(to, from)).map(([, type]) => type);
    expect([...new Set(circular)].toSorted()).toEqual(Object.keys(ends).toSorted());
  });

  test('is no circle by dead letters: nothing that triage tells wakes another function, and its own letters go to Kafka', () => {
    const told = sent.filter((event) => senderOf(event) === 'dead-letter-triage');
    expect(told.map((event) => event.type)).toContain('dev.lakewarden.file.closed');
    for (const event of told) expect(takersOf({ ...event }).filter((to) => to !== 'dead-letter-triage')).toEqual([]);
    for (const { spec } of triggers) {
      const { kind, name } = spec.delivery.deadLetterSink.ref;
      const own = spec.subscriber.ref.name === 'dead-letter-triage';
      expect([kind, name]).toEqual(own ? ['KafkaSink', 'triage-undelivered'] : ['Service', 'dead-letter-triage']);
    }
  });

  test('brings to each function what others send to it', () => {
    const writer = { type: 'dev.lakewarden.file.closed', source: '/ingest/clicks' };
    expect(takersOf(writer)).toEqual(['metastore-sync']);
    for (const type of ['com.amazonaws.s3.ObjectCreated:Put', 'Microsoft.Storage.BlobCreated'])
      expect(takersOf({ type, source: 'x' })).toEqual(['metastore-sync']);
    for (const verb of ['resource.add', 'ref.update', 'ref.delete'])
      expect(takersOf({ type: `dev.knative.apiserver.${verb}`, source: 'x' })).toEqual(['compliance-scan']);
    expect(takersOf({ type: 'org.apache.hadoop.hdfs.audit', source: 'x' })).toEqual(['compliance-scan']);
    expect(takersOf({ type: 'io.confluent.kafka.server/authorization', source: 'x' })).toEqual(['compliance-scan']);
    expect(takersOf({ type: 'com.example.order', source: 'x' })).toEqual([]);
  });

  test('brings each tick to the one function that it is for', () => {
    for (const { spec, metadata } of pings) {
      const tick = { type: 'dev.knative.sources.ping', source: 'x', ...spec.ceOverrides.extensions };
      expect(takersOf(tick)).toEqual([spec.ceOverrides.extensions.function]);
      expect(metadata.name.startsWith(spec.ceOverrides.extensions.function)).toBe(true);
    }
    expect([...new Set(pings.map(({ spec }) => spec.ceOverrides.extensions.function))].toSorted()).toEqual(
      functionNames,
    );
    expect(takersOf({ type: 'dev.knative.sources.ping', source: 'x' })).toEqual([]);
  });
});

describe('Triggers', () => {
  test('let nothing through unfiltered, try again, and keep what fails', () => {
    for (const { metadata, spec } of triggers) {
      expect(spec.filters.length).toBeGreaterThan(0);
      expect(spec.broker).toBe('lakewarden');
      expect(metadata.name.startsWith(spec.subscriber.ref.name)).toBe(true);
      expect(spec.delivery).toMatchObject({
        timeout: 'PT10M',
        retry: 8,
        backoffPolicy: 'exponential',
        backoffDelay: 'PT2S',
      });
    }
    expect([...new Set(triggers.map(({ spec }) => spec.subscriber.ref.name))].toSorted()).toEqual(functionNames);
  });
});
