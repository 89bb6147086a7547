import { LakewardenError } from '#shared/errors/error.ts';
import type { Finding } from './finding.ts';
import { changeState, emptyState, type ScopeChange, type ScopeState, type Untold } from './scope-state.ts';

/** What a file of the state begins with; its other lines are findings, and the ids of those that are gone. */
interface Header {
  readonly form: 1;
  readonly scope: string;
  readonly kind: string;
  readonly seen?: number;
  readonly untold: readonly Untold[];
  /** Files that come before this one, oldest first; none for a file that holds everything. */
  readonly before: readonly string[];
  /** Findings written since everything was. */
  readonly changes: number;
}

/** A file of the state, read. */
export interface ScopeFile {
  readonly header: Header;
  readonly findings: ReadonlyMap<string, Finding | null>;
}

/** What is written: a change and the state that it makes. */
export interface ScopeWrite {
  readonly after: ScopeState;
  readonly change: ScopeChange;
  /** Those that make up the state before it, oldest first. */
  readonly before: readonly string[];
  /** Findings that these changed, without the first one. */
  readonly changes: number;
}

/** A state of so many files, or with more changes than this share of its findings, is written as a whole. */
const mostFiles = 32;
const leastChanges = 64;

/** The bytes of a file: the change alone, or everything when that has become the shorter way. */
export function encodeScope({ after, change, before, changes }: ScopeWrite): Uint8Array {
  const { scope, kind, seen, untold, findings } = after;
  const sum = changes + change.findings.size;
  const isWhole = before.length === 0 || before.length >= mostFiles || sum > leastChanges + findings.size / 2;
  const header: Header = {
    form: 1,
    scope,
    kind,
    ...(seen === undefined ? {} : { seen }),
    untold,
    before: isWhole ? [] : before,
    changes: isWhole ? 0 : sum,
  };
  const written = isWhole ? findings : change.findings;
  const lines = [...written].map(([id, finding]) => JSON.stringify(finding ?? { gone: id }));
  return Buffer.from([JSON.stringify(header), ...lines, ''].join('\n'));
}

/** @throws internal for bytes that are no such file */
export function decodeScope(bytes: Uint8Array, name: string): ScopeFile {
  try {
    const [first = '', ...lines] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString().split('\n');
    const header = JSON.parse(first) as Header;
    // A line break ends the file: one that was cut short has none.
    if (header.form !== 1 || lines.pop() !== '') throw new Error('not a whole file of form 1');
    const findings = lines.map((line): [string, Finding | null] => {
      const read = JSON.parse(line) as Finding & { readonly gone?: string };
      return read.gone === undefined ? [read.id, read] : [read.gone, null];
    });
    return { header, findings: new Map(findings) };
  } catch (cause) {
    throw new LakewardenError('internal', `the state file ${name} is damaged; remove its folder to begin anew`, {
      cause,
    });
  }
}

/** The state that files make, oldest first. */
export function joinFiles(files: readonly ScopeFile[]): ScopeState {
  const newest = files.at(-1)?.header;
  let state = emptyState(newest?.scope ?? '', newest?.kind ?? '');
  for (const { header, findings } of files) {
    const { seen, untold } = header;
    state = changeState(state, { findings, ...(seen === undefined ? {} : { seen }), untold });
  }
  return state;
}
