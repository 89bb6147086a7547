import { z } from 'zod';
import type { LakeReport, Part, TableFacts, TopicFiles } from './lake-report.ts';

/** A thing that the next report compares by its id, and names by a text. */
export interface Named {
  readonly id: string;
  readonly text: string;
}

const count = z.number().min(0);
const named = z.array(z.tuple([z.string(), z.string()]));

/** What a report leaves to the next one. Lists in the place of objects, since topics may have any name. */
export const snapshotSchema = z.strictObject({
  version: z.literal(1),
  madeAt: z.iso.datetime(),
  sums: z.array(z.tuple([z.string(), count])),
  topics: z.array(
    z.strictObject({
      topic: z.string(),
      /** Label, files, bytes, and the most files that any report saw. */
      cells: z.array(z.tuple([z.string(), count, count, count])),
    }),
  ),
  tables: z.array(z.strictObject({ table: z.string(), columns: named })),
  /** Open findings and groups of letters; absent when they were not known. */
  findings: named.optional(),
  groups: named.optional(),
});

/** What a report leaves to the next one. */
export type Snapshot = z.output<typeof snapshotSchema>;

/** Open findings and groups that a report knows; undefined when it does not know them. */
export interface KnownThings {
  readonly findings?: readonly Named[];
  readonly groups?: readonly Named[];
}

/** Cells of all topics together. */
const mostCells = 100_000;
const mostColumns = 1_000;
const mostCharacters = 300;

/**
 * What is left to the next report. What this one could not read is passed on from the one before, so that one bad day takes
 * no history away. Its size has a limit, whatever was before.
 */
export function makeSnapshot(
  report: Omit<LakeReport, 'since' | 'costs'>,
  known: KnownThings,
  before?: Snapshot,
): Snapshot {
  const { files, tables, madeAt } = report;
  const findings = known.findings?.map(({ id, text }): Pair => [id, cut(text)]) ?? before?.findings;
  const groups = known.groups?.map(({ id, text }): Pair => [cut(id), cut(text)]) ?? before?.groups;
  return {
    version: 1,
    madeAt,
    sums: [...sumsOf(report)].map(([name, value]) => [name, value]),
    topics: files.state === 'read' ? topicsOf(files.facts.topics, before) : (before?.topics ?? []),
    tables: tables.state === 'read' ? tablesOf(tables.facts.tables, before) : (before?.tables ?? []),
    ...(findings === undefined ? {} : { findings }),
    ...(groups === undefined ? {} : { groups }),
  };
}

type Pair = [string, string];

/** The newest cells of each topic, those of earlier reports among them. */
function topicsOf(topics: readonly TopicFiles[], before: Snapshot | undefined): Snapshot['topics'] {
  const room = Math.max(1, Math.floor(mostCells / Math.max(1, topics.length)));
  const earlier = new Map(before?.topics.map(({ topic, cells }) => [topic, cells]));
  return topics.map(({ topic, cells }) => {
    const all = new Map((earlier.get(topic) ?? []).map((cell) => [cell[0], cell]));
    for (const { label, files, bytes, mostFiles = 0 } of cells)
      all.set(label, [label, files, bytes, Math.max(files, mostFiles)]);
    return { topic, cells: [...all.values()].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(-room) };
  });
}

function tablesOf(tables: readonly TableFacts[], before: Snapshot | undefined): Snapshot['tables'] {
  const earlier = new Map(before?.tables.map((one) => [one.table, one]));
  return tables.flatMap(({ table, state, columns }) => {
    if (state === 'unknown') return earlier.get(table) ?? [];
    if (state !== 'kept') return [];
    return { table, columns: columns.slice(0, mostColumns).map(({ name, type }): Pair => [cut(name), cut(type)]) };
  });
}

/** The numbers that reports compare; one that is not known is absent. */
export function sumsOf(report: Pick<LakeReport, 'files' | 'tables' | 'letters' | 'compliance'>): Map<string, number> {
  const { files, tables, letters, compliance } = report;
  const sums = new Map<string, number>();
  const add = <Facts>(
    part: Part<Facts>,
    numbers: (facts: Facts) => Readonly<Record<string, number | undefined>>,
  ): void => {
    if (part.state !== 'read') return;
    for (const [name, value] of Object.entries(numbers(part.facts))) if (value !== undefined) sums.set(name, value);
  };
  add(files, ({ topics }) => ({
    topics: topics.length,
    files: total(topics, (topic) => topic.files),
    size: total(topics, (topic) => topic.bytes),
    'small files': total(topics, (topic) => topic.small),
  }));
  add(tables, ({ tables: all }) => {
    const kept = all.filter(({ state }) => state === 'kept');
    const watched = all.filter(({ state }) => state === 'kept' || state === 'missing');
    return {
      tables: kept.length,
      'registered partitions': total(kept, ({ registered }) => registered),
      'folders that are no partitions': total(watched, ({ folders, registered }) => Math.max(0, folders - registered)),
    };
  });
  add(letters, ({ openGroups, openLetters }) => ({
    'open groups of dead letters': openGroups,
    'dead letters in them': openLetters,
  }));
  add(compliance, ({ score, open }) => ({
    'compliance score': score,
    'open findings': total(Object.values(open), (number) => number),
  }));
  return sums;
}

function total<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

function cut(text: string): string {
  return text.length > mostCharacters ? text.slice(0, mostCharacters).toWellFormed() : text;
}
