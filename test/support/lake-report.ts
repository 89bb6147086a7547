import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { HourCell, LakeReport, TopicFiles } from '../../cli/report/lake-report.ts';

const schemaFile = join(import.meta.dirname, '../../cli/report/lake-report.schema.json');

/** The published schema of a report. */
export const reportSchema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;

const fits = new Ajv({ allErrors: true }).compile(reportSchema);

/** What the published schema objects to in a report, each in one sentence. */
export function objectionsTo(report: unknown): string[] {
  fits(report);
  return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Numbers of a cell, of which all have the same text in their names. */
function cell(label: string, files: number, mostFiles?: number): HourCell {
  const sums = { folders: 1, files, bytes: files * 1_500_000, small: files, gain: Math.max(0, files - 1) };
  return { label, ...sums, ...(mostFiles === undefined ? {} : { mostFiles }) };
}

/** The label of an hour that comes so many hours after the first one of a report. */
export function hourLabel(hour: number): string {
  return new Date(Date.UTC(2026, 10, 1) + hour * 3_600_000).toISOString().slice(0, 13);
}

/** A topic with as many files in each hour as a function says. */
export function topicFiles(
  topic: string,
  hours: number,
  filesOf: (hour: number) => number = () => 3,
  mostOf: (hour: number) => number | undefined = () => undefined,
): TopicFiles {
  const cells = Array.from({ length: hours }, (_, hour) => cell(hourLabel(hour), filesOf(hour), mostOf(hour)));
  const sum = (of: (one: HourCell) => number): number => cells.reduce((total, one) => total + of(one), 0);
  return {
    topic,
    cells,
    folders: hours,
    files: sum(({ files }) => files),
    bytes: sum(({ bytes }) => bytes),
    small: sum(({ small }) => small),
    gain: sum(({ gain }) => gain),
    future: 0,
    isWhole: true,
    all: { files: 9_000, folders: 2_000, bytes: 9e12 },
  };
}

/** A report of topics of which nothing else is known. */
export function reportOfTopics(topics: readonly TopicFiles[], more: Partial<LakeReport> = {}): LakeReport {
  const unset = (name: string) => ({ state: 'unset', reason: `no settings of ${name}` }) as const;
  return {
    version: 1,
    madeAt: '2026-11-22T03:00:00.000Z',
    files: { state: 'read', facts: { root: '/golden', foldersPerTopic: 168, topics } },
    compaction: unset('partition-compaction'),
    tables: unset('metastore-sync'),
    letters: unset('dead-letter-triage'),
    compliance: unset('compliance-scan'),
    since: { state: 'unset', reason: 'this is the first report' },
    costs: [],
    problems: [],
    ...more,
  };
}

/** A report in which each name and each text of the lake is this one; with what everything looks like. */
export function lakeReportOfText(text: string): LakeReport {
  const topics = [
    topicFiles(
      text,
      30,
      (hour) => 1 + (hour % 3),
      (hour) => 8 + hour * 40,
    ),
    { ...topicFiles('orders', 30, (hour) => (hour * 7) % 40), future: 2, isWhole: false },
  ];
  const change = { at: '2026-11-21T12:00:00.000Z', column: text, from: text, to: text, because: text };
  const table = {
    topic: text,
    table: text,
    columns: [{ name: text, type: text }],
    folders: 30,
    rows: 900,
    unregistered: [text],
  };
  return reportOfTopics(topics, {
    compaction: {
      state: 'read',
      facts: {
        planned: [{ topic: text, path: text, files: 900, filesAfter: 3, bytes: 5_000_000 }],
        left: 4,
        problems: [text],
      },
    },
    tables: {
      state: 'read',
      facts: {
        tables: [
          {
            ...table,
            state: 'kept',
            created: '2026-11-20T08:00:00.000Z',
            changes: [change],
            registered: 29,
            completeness: { complete: '2026-11-21T11', lag: '12', lagSeconds: 900, gaps: 1, unknown: text },
          },
          { ...table, state: 'missing', changes: [], registered: 0 },
          { ...table, state: 'others', reason: text, changes: [], registered: 0 },
          { ...table, state: 'unknown', reason: text, changes: [], registered: 0 },
        ],
      },
    },
    letters: {
      state: 'read',
      facts: {
        openGroups: 12,
        openLetters: 3_400,
        unread: '17',
        lost: '2',
        topics: [
          {
            topic: text,
            openGroups: 12,
            openLetters: 3_400,
            unread: '17',
            lost: '2',
            deletedInMs: 7_200_000,
            isRetentionKnown: true,
          },
        ],
        groups: [
          {
            id: text,
            topic: text,
            title: text,
            class: 'schema',
            action: 'repair',
            owner: text,
            openLetters: 3_000,
            ageMs: 90_000_000,
          },
        ],
        otherGroups: 11,
      },
    },
    compliance: {
      state: 'read',
      facts: {
        score: 71,
        isComplete: false,
        rules: 117,
        resources: 300,
        unread: [text],
        open: { critical: 1, medium: 9 },
        waived: 2,
        areas: [{ area: 'network', score: 40, fail: 3 }],
        findings: [{ id: text, severity: 'critical', rule: text, kind: text, resource: text, reason: text, alike: 4 }],
        otherFindings: 5,
      },
    },
    since: {
      state: 'read',
      facts: {
        madeAt: '2026-11-21T03:00:00.000Z',
        sums: [
          { name: 'files', before: 4_000, now: 700 },
          { name: 'size', now: 7 },
        ],
        newTopics: [text],
        goneTopics: [text],
        columns: [
          { table: text, at: '', column: text, from: text, to: text },
          { table: text, at: '', column: text, to: text },
          { table: text, at: '', column: text, from: text },
        ],
        newFindings: [text],
        goneFindings: [text],
        newGroups: [text],
        goneGroups: [text],
      },
    },
    costs: [
      { part: 'files', seconds: 2.25, calls: { HDFS: 412 } },
      { part: 'tables', seconds: 0.4, calls: { HDFS: 3, metastore: 9, Kafka: 2 } },
    ],
    problems: [text],
  });
}
