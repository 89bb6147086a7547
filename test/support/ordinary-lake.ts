import type { HourCell, LakeReport, TableFacts, TopicFiles } from '../../cli/report/lake-report.ts';
import { hourLabel, reportOfTopics } from './lake-report.ts';

const hours = 60;
const merged = 42;

/** A topic whose hours have more files by day, and which compaction made few but for the newest ones. */
function topic(name: string, perHour: number, bytesEach: number): TopicFiles {
  const cells = Array.from({ length: hours }, (_, hour): HourCell => {
    const mostFiles = Math.max(1, Math.round(perHour * (0.35 + Math.sin(((hour % 24) / 24) * Math.PI) ** 2)));
    const files = hour < merged ? Math.max(1, Math.round(mostFiles / 300)) : mostFiles;
    const bytes = mostFiles * bytesEach;
    const gain = hour < merged || files < 5 ? 0 : files - 1;
    return { label: hourLabel(hour), folders: 1, files, bytes, small: hour < merged ? 0 : files, gain, mostFiles };
  });
  const sum = (of: (one: HourCell) => number): number => cells.reduce((total, one) => total + of(one), 0);
  const [files, bytes] = [sum((one) => one.files), sum((one) => one.bytes)];
  const sums = { folders: hours, files, bytes, small: sum((one) => one.small), gain: sum((one) => one.gain) };
  const all = { files: files * 40, folders: 8_812, bytes: bytes * 50 };
  return { topic: name, ...sums, cells, future: 0, isWhole: true, all };
}

function table(name: string, more: Partial<TableFacts>): TableFacts {
  const columns = ['id bigint', 'at timestamp', 'amount decimal(12,2)', 'place string'].map((text) => {
    const [column = '', type = ''] = text.split(' ');
    return { name: column, type };
  });
  const counted = { folders: hours, registered: hours, rows: 8_412_977, unregistered: [] };
  return { topic: name, table: `golden.${name}`, state: 'kept', columns, changes: [], ...counted, ...more };
}

/** A lake as many are: compaction came to most hours, a column was widened, some letters are dead, some things are open. */
export function ordinaryLake(): LakeReport {
  const topics = [
    topic('clicks', 420, 140_000),
    topic('deliveries', 24, 310_000),
    topic('orders', 150, 260_000),
    topic('payments', 60, 95_000),
    topic('positions', 1_300, 22_000),
    topic('refunds', 3, 40_000),
  ];
  const complete = { complete: hourLabel(58), lag: '1204', lagSeconds: 340, gaps: 0 };
  return reportOfTopics(topics, {
    madeAt: '2026-11-03T12:04:00.000Z',
    compaction: {
      state: 'read',
      facts: {
        planned: [43, 44, 45].map((hour) => ({
          topic: 'positions',
          path: `/golden/positions/${hourLabel(hour).replaceAll(/[-T]/g, '/')}`,
          files: 1_610 - hour * 3,
          filesAfter: 2,
          bytes: 35_420_000,
        })),
        left: 66,
        problems: [],
      },
    },
    tables: {
      state: 'read',
      facts: {
        tables: [
          table('clicks', { completeness: complete }),
          table('deliveries', {
            registered: 58,
            unregistered: [59, 58].map((hour) => `/golden/deliveries/${hourLabel(hour).replaceAll(/[-T]/g, '/')}`),
          }),
          table('orders', {
            completeness: { ...complete, gaps: 1 },
            changes: [
              {
                at: '2026-11-02T09:12:00.000Z',
                column: 'amount',
                from: 'decimal(9,2)',
                to: 'decimal(12,2)',
                because: '/golden/orders/2026/11/02/08/part-0-17.snappy.parquet',
              },
              {
                at: '2026-11-03T07:31:00.000Z',
                column: 'place',
                to: 'string',
                because: '/golden/orders/2026/11/03/06/part-2-3.snappy.parquet',
              },
            ],
          }),
          table('payments', { completeness: complete }),
          table('positions', { rows: 91_377_120 }),
          table('refunds', { state: 'missing', registered: 0, columns: [] }),
        ],
      },
    },
    letters: {
      state: 'read',
      facts: {
        openGroups: 3,
        openLetters: 1_204,
        unread: '0',
        lost: '0',
        topics: [
          {
            topic: 'orders-dlq',
            openGroups: 3,
            openLetters: 1_204,
            unread: '0',
            lost: '0',
            deletedInMs: 19 * 3_600_000,
            isRetentionKnown: true,
          },
        ],
        groups: [
          {
            id: 'v1:4be1',
            topic: 'orders-dlq',
            title: 'NumberFormatException: For input string: "<text>"',
            class: 'data.type',
            action: 'transform',
            owner: 'team-orders',
            openLetters: 1_117,
            ageMs: 11 * 3_600_000,
          },
        ],
        otherGroups: 2,
      },
    },
    compliance: {
      state: 'read',
      facts: {
        score: 87,
        isComplete: true,
        rules: 117,
        resources: 1_912,
        unread: [],
        open: { critical: 1, high: 4, medium: 12 },
        waived: 3,
        areas: [
          { area: 'network', score: 96, fail: 2 },
          { area: 'identity', score: 91, fail: 6 },
          { area: 'ownership', score: 78, fail: 9 },
        ],
        findings: [
          {
            id: '1',
            severity: 'critical',
            rule: 'hdfs-not-writable-by-others',
            kind: 'hdfs.Folder',
            resource: '/golden/positions',
            reason: 'others can write to /golden/positions',
            alike: 0,
          },
          {
            id: '2',
            severity: 'high',
            rule: 'kafka-no-rights-for-everybody',
            kind: 'kafka.Topic',
            resource: 'payments',
            reason: 'User:* may read payments',
            alike: 2,
          },
        ],
        otherFindings: 14,
      },
    },
    since: {
      state: 'read',
      facts: {
        madeAt: '2026-11-03T06:04:00.000Z',
        sums: [
          { name: 'files', before: 96_310, now: topics.reduce((sum, { files }) => sum + files, 0) },
          { name: 'compliance score', before: 84, now: 87 },
        ],
        newTopics: ['refunds'],
        goneTopics: [],
        columns: [{ table: 'golden.orders', at: '2026-11-03T07:31:00.000Z', column: 'place', to: 'string' }],
        newFindings: [],
        goneFindings: ['User:etl may do everything with the cluster'],
        newGroups: [],
        goneGroups: [],
      },
    },
    costs: [
      { part: 'files', seconds: 1.92, calls: { HDFS: 421 } },
      { part: 'tables', seconds: 0.61, calls: { metastore: 17, Kafka: 12 } },
      { part: 'compaction', seconds: 4.4, calls: { HDFS: 4_459 } },
      { part: 'dead letters', seconds: 1.2, calls: { Kafka: 9 } },
      { part: 'compliance', seconds: 2.8, calls: {} },
    ],
  });
}
