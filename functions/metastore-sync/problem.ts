import { type ProblemOf, type Severity, seriousAmong } from '#shared/errors/problem.ts';

/** What can be wrong with a thing that a sync met. Errors keep the thing out of the tables; warnings only tell. */
export const problemCodes = {
  'event.option': 'warning',
  'file.empty': 'warning',
  'file.unreadable': 'error',
  'file.unavailable': 'error',
  'file.conflict': 'error',
  'file.vanished': 'warning',
  'column.unsupported': 'error',
  'column.note': 'warning',
  'path.unexpected': 'warning',
  'path.missing': 'warning',
  'path.outside': 'error',
  'path.glob': 'error',
  'folder.inside_partition': 'warning',
  'folder.unreadable': 'error',
  'partition.ambiguous': 'error',
  'partition.elsewhere': 'warning',
  'partition.held': 'error',
  'partition.empty': 'warning',
  'partition.failed': 'error',
  'partition.postponed': 'warning',
  'partition.vanished': 'warning',
  'partition.kept': 'warning',
  'partition.drop_refused': 'error',
  'snapshot.unavailable': 'warning',
  'completeness.unknown': 'warning',
  'statistics.refused': 'warning',
  'table.collision': 'error',
  'table.name': 'error',
  'table.not_ours': 'error',
  'table.unsupported': 'error',
  'table.discovered_by_hive': 'error',
  'table.keys_differ': 'error',
  'table.location_differs': 'error',
  'topic.failed': 'error',
} as const satisfies Record<string, Severity>;

/** The name of a problem. */
export type ProblemCode = keyof typeof problemCodes;

/** A problem: what it concerns and why, in one sentence. */
export interface Problem extends ProblemOf<ProblemCode> {
  readonly table?: string;
  readonly path?: string;
  readonly column?: string;
  /** Type in the file. */
  readonly found?: string;
  /** Type in the table. */
  readonly declared?: string;
  /** Which engine would fail or answer wrongly, and how. */
  readonly breaks?: string;
}

/** True when the problem keeps something out of the tables. */
export const isSerious = seriousAmong(problemCodes);
