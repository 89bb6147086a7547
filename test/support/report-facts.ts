import type { Verdict } from '#functions/dead-letter-triage/classify/classify.ts';
import { type Group, hourMs } from '#functions/dead-letter-triage/group/group.ts';
import type { PartitionFacts, ReportFacts, ReportOptions } from '#functions/dead-letter-triage/report/facts.ts';

/** When the reports of these tests are made. */
export const reportTime = Date.UTC(2019, 8, 3, 14, 20);

/** How they are made unless a test says otherwise. */
export const reportOptions: ReportOptions = { order: 'cost', groups: 100, nearMs: 86_400_000 };

/** What differs between groups of these tests. */
export interface GroupWish {
  readonly id?: string;
  readonly about?: Partial<Group['about']>;
  readonly verdict?: Partial<Verdict>;
  /** Letters of the hours before, the newest first. */
  readonly hours?: readonly number[];
  readonly hoursAgo?: number;
  readonly rest?: Partial<Group>;
}

/** A group as triage keeps it. */
export function makeGroup({
  id = 'v1:0123456789abcdef',
  about,
  verdict,
  hours = [1],
  hoursAgo = 0,
  rest,
}: GroupWish = {}): Group {
  const current = Math.floor(reportTime / hourMs) - hoursAgo;
  const counts = hours
    .map((count, back) => [current - back, count] as const)
    .filter(([, count]) => count > 0)
    .toReversed();
  const count = hours.reduce((sum, letters) => sum + letters, 0);
  return {
    id,
    about: {
      basis: 'stack',
      family: 'connect',
      component: 'orders-to-hdfs',
      stage: 'VALUE_CONVERTER',
      errorClass: 'org.apache.kafka.connect.errors.DataException',
      message: 'no message',
      frames: [],
      ...about,
    },
    verdict: { class: 'unknown', action: 'escalate', by: ['exception'], ...verdict },
    count,
    firstSeen: (counts[0]?.[0] ?? current) * hourMs + 60_000,
    lastSeen: Math.min(reportTime - 60_000, (counts.at(-1)?.[0] ?? current) * hourMs + 3_000_000),
    firstOffset: '0',
    lastOffset: String(Math.max(0, count - 1)),
    state: 'open',
    episode: 1,
    episodeCount: count,
    hours: counts,
    samples: [],
    ...rest,
  };
}

/** A partition that triage has come to the end of. */
export function makePartition(groups: readonly Group[], more: Partial<PartitionFacts> = {}): PartitionFacts {
  return { topic: 'orders.dlq', partition: 0, groups, ...more };
}

const waves = (height: number, length = 40): number[] =>
  Array.from({ length }, (_, hour) => Math.round(height * (1.2 + Math.sin(hour / 4)) * (1 - hour / (length + 8))));

/** A lake on an ordinary day of trouble: what the picture in the documentation shows. */
export function ordinaryTrouble(): ReportFacts {
  const registry = makeGroup({
    id: 'v1:5e0c41f7a2b98d36',
    about: {
      errorClass: 'org.apache.kafka.common.errors.SerializationException',
      message: 'Error deserializing Avro message for id <num>',
      frames: [
        'io.confluent.kafka.serializers.AbstractKafkaAvroDeserializer.deserialize',
        'io.confluent.connect.avro.AvroConverter.toConnectData',
      ],
    },
    verdict: {
      class: 'undecodable.schema_id',
      action: 'replay-after-fix',
      owner: 'team-orders',
      by: ['exception', 'owner'],
    },
    hours: waves(310),
    rest: {
      firstOffset: '7987',
      lastOffset: '18299',
      samples: [
        {
          place: 'orders.dlq/0/7987',
          message: 'Error deserializing Avro message for id 57',
          key: '"xx-0000"',
          value: '412 bytes',
        },
        {
          place: 'orders.dlq/0/7994',
          message: 'Error deserializing Avro message for id 57',
          key: null,
          value: '398 bytes',
        },
      ],
    },
  });
  const timeout = makeGroup({
    id: 'v1:9b7730de11c4f0aa',
    about: {
      family: 'spring',
      component: 'payment-service',
      stage: '',
      errorClass: 'java.net.SocketTimeoutException',
      message: 'connect to <host> timed out after <num> ms',
    },
    verdict: { class: 'transient.timeout', action: 'replay', owner: 'team-payments', by: ['exception'] },
    hours: [84, 210, 37, 0, 0, 0, 12],
    rest: { episode: 3, episodeCount: 331, count: 2_118 },
  });
  const json = makeGroup({
    id: 'v1:c2a90b5177e3d418',
    about: { family: 'unknown', component: 'clicks.dead', stage: '', errorClass: '', message: '', basis: 'payload' },
    verdict: { class: 'undecodable.json', action: 'replay-after-fix', by: ['diagnosis'] },
    hours: waves(45, 30),
    rest: {
      firstOffset: '98055',
      lastOffset: '99199',
      samples: [
        {
          place: 'clicks.dead/1/99120',
          message: '',
          key: null,
          value: '{"user": "xxxx", "at": "0000-00-00x00:00:00x", "pa',
          fault: 'the JSON ends too early: at /pa, line 1, byte 50',
        },
      ],
    },
  });
  const field = makeGroup({
    id: 'v1:41d8cc2f9e6a7b05',
    about: {
      family: 'streams',
      component: 'invoice-join',
      stage: '',
      errorClass: 'com.acme.billing.ValidationException',
      message: 'required field vat_number is missing in <path>',
      frames: ['com.acme.billing.Validator.check', 'com.acme.billing.InvoiceJoin.apply'],
    },
    verdict: { class: 'schema.missing_field', action: 'transform', owner: 'team-billing', by: ['rule:vat'] },
    hours: waves(9, 24),
    rest: {
      samples: [
        {
          place: 'invoices.dlq/2/771',
          message: 'required field vat_number is missing',
          key: '"xx000"',
          value: '{"number": "x-000000", "total": 000.00}',
        },
      ],
    },
  });
  const similar = makeGroup({
    id: 'v1:41d8cc2f9e6a7bff',
    about: { ...field.about, message: 'required field country is missing in <path>' },
    verdict: field.verdict,
    hours: [2, 0, 1],
  });
  const quiet = makeGroup({
    id: 'v1:77aa10029d3be6c4',
    about: {
      family: 'smallrye',
      component: 'stock',
      errorClass: 'java.lang.NullPointerException',
      message: 'Cannot invoke "Item.price()"',
    },
    verdict: { class: 'defect', action: 'replay-after-fix', by: ['exception'] },
    hours: [6],
    hoursAgo: 30,
    rest: { state: 'resolved' },
  });
  const kept = { retentionMs: 2 * 86_400_000, isCompacted: false };
  return {
    now: reportTime,
    partitions: [
      makePartition([registry], { position: 18_300n, log: { earliest: 0n, end: 18_342n }, kept }),
      makePartition([timeout], {
        topic: 'payments.DLT',
        position: 2_118n,
        log: { earliest: 0n, end: 2_118n },
        kept: { isCompacted: false },
      }),
      makePartition([json], {
        topic: 'clicks.dead',
        partition: 1,
        position: 99_200n,
        log: { earliest: 41_000n, end: 99_210n },
        kept: { ...kept, retentionMs: 30 * 86_400_000 },
      }),
      makePartition([field, similar, quiet], {
        topic: 'invoices.dlq',
        partition: 2,
        position: 800n,
        log: { earliest: 0n, end: 800n },
        kept: { isCompacted: false },
      }),
    ],
  };
}

/** A report in which a text stands wherever text of letters, producers or settings may stand. */
export function reportOfText(text: string): ReportFacts {
  const group = makeGroup({
    id: text,
    about: { family: text, component: text, stage: text, errorClass: text, message: text, frames: [text, text] },
    verdict: { action: 'replay-after-fix', owner: text, by: [text] },
    rest: {
      firstOffset: '0',
      samples: [
        { place: text, message: text, key: text, value: text, fault: text },
        { place: text, message: text },
      ],
    },
  });
  const alike = { ...group, id: `${text}2` };
  const log = { earliest: 1n, end: 9n };
  const kept = { retentionMs: 1, isCompacted: false };
  return { now: reportTime, partitions: [makePartition([group, alike], { topic: text, log, kept })] };
}
