import type { FilesFacts, LakeReport, SinceFacts } from './lake-report.ts';
import { type KnownThings, type Named, type Snapshot, sumsOf } from './snapshot.ts';

/** Gives each cell the most files that earlier reports saw there. */
export function withMostFiles(files: FilesFacts, before: Snapshot | undefined): FilesFacts {
  if (before === undefined) return files;
  const topics = new Map(before.topics.map(({ topic, cells }) => [topic, cells]));
  return {
    ...files,
    topics: files.topics.map((one) => {
      const most = new Map((topics.get(one.topic) ?? []).map(([label, , , number]) => [label, number]));
      const cells = one.cells.map((cell) => {
        const mostFiles = most.get(cell.label);
        return mostFiles === undefined ? cell : { ...cell, mostFiles };
      });
      return { ...one, cells };
    }),
  };
}

/** What changed since an earlier report; what one of the two did not know has not changed. Pure. */
export function compareReports(
  before: Snapshot,
  report: Pick<LakeReport, 'files' | 'tables' | 'letters' | 'compliance'>,
  known: KnownThings,
): SinceFacts {
  const sums = new Map(before.sums);
  const now = sumsOf(report);
  const names = [...new Set([...now.keys(), ...sums.keys()])];
  const topicsNow = report.files.state === 'read' ? report.files.facts.topics.map(({ topic }) => topic) : undefined;
  const isKnown = sums.has('topics') || before.topics.length > 0;
  const topicsBefore = isKnown ? before.topics.map(({ topic }) => topic) : undefined;
  const topics = diff(topicsBefore?.map(nameOf), topicsNow?.map(nameOf));
  const findings = diff(before.findings?.map(namedOf), known.findings);
  const groups = diff(before.groups?.map(namedOf), known.groups);
  return {
    madeAt: before.madeAt,
    sums: names.map((name) => {
      const [old, young] = [sums.get(name), now.get(name)];
      return { name, ...(old === undefined ? {} : { before: old }), ...(young === undefined ? {} : { now: young }) };
    }),
    newTopics: topics.came,
    goneTopics: topics.went,
    columns: compareColumns(before, report),
    newFindings: findings.came,
    goneFindings: findings.went,
    newGroups: groups.came,
    goneGroups: groups.went,
  };
}

function compareColumns(before: Snapshot, { tables }: Pick<LakeReport, 'tables'>): SinceFacts['columns'] {
  if (tables.state !== 'read') return [];
  const known = new Map(before.tables.map(({ table, columns }) => [table, new Map(columns)]));
  return tables.facts.tables.flatMap(({ table, state, columns, changes }) => {
    const old = known.get(table);
    if (old === undefined || state !== 'kept') return [];
    const timeOf = (column: string): string => changes.findLast((one) => one.column === column)?.at ?? '';
    const now = new Map(columns.map(({ name, type }) => [name, type]));
    const changed = columns.flatMap(({ name: column, type: to }) => {
      const from = old.get(column);
      // What is long was cut when it was remembered.
      if (from === to || (from !== undefined && to.startsWith(from) && from.length >= 300)) return [];
      return [{ table, at: timeOf(column), column, to, ...(from === undefined ? {} : { from }) }];
    });
    const gone = [...old].filter(([column]) => !now.has(column) && column.length < 300);
    return [...changed, ...gone.map(([column, from]) => ({ table, at: '', column, from }))];
  });
}

function diff(
  before: readonly Named[] | undefined,
  now: readonly Named[] | undefined,
): { readonly came: string[]; readonly went: string[] } {
  if (before === undefined || now === undefined) return { came: [], went: [] };
  const [old, young] = [new Set(before.map(({ id }) => id)), new Set(now.map(({ id }) => id))];
  return {
    came: now.filter(({ id }) => !old.has(id)).map(({ text }) => text),
    went: before.filter(({ id }) => !young.has(id)).map(({ text }) => text),
  };
}

function nameOf(topic: string): Named {
  return { id: topic, text: topic };
}

function namedOf([id, text]: readonly [string, string]): Named {
  return { id, text };
}
