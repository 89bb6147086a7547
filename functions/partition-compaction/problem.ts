import { type ProblemOf, type Severity, seriousAmong } from '#shared/errors/problem.ts';

/** What keeps files or partitions from being merged. Errors want somebody's attention; warnings only tell. */
export const problemCodes = {
  'event.option': 'warning',
  'path.unexpected': 'warning',
  'path.missing': 'warning',
  'path.outside': 'error',
  'folder.unreadable': 'error',
  'topic.failed': 'error',
  'partition.failed': 'error',
  'partition.busy': 'warning',
  'partition.changed': 'warning',
  'partition.open': 'warning',
  'partition.kept': 'warning',
  'partition.summary': 'error',
  'file.empty': 'warning',
  'file.unreadable': 'error',
  'file.encrypted': 'error',
  'file.unsupported': 'error',
  'file.erasure_coded': 'error',
  'file.name': 'error',
  'file.pinned': 'error',
  'file.kept': 'warning',
  'leftover.found': 'warning',
  'leftover.refused': 'error',
  'file.too_big': 'warning',
  'merge.refused': 'error',
  'merge.unverified': 'error',
  'schema.several': 'warning',
  'undo.refused': 'error',
} as const satisfies Record<string, Severity>;

/** The name of a problem. */
export type ProblemCode = keyof typeof problemCodes;

/** A problem: what it concerns and why, in one sentence. */
export interface Problem extends ProblemOf<ProblemCode> {
  /** A file or a folder. */
  readonly path?: string;
}

/** True when the problem wants somebody's attention. */
export const isSerious = seriousAmong(problemCodes);
