import { createHash } from 'node:crypto';
import { type OffsetSpan, parseOffsetName } from '#shared/lake/offset-name.ts';
import { type LeftoverPlan, noLeftovers, planLeftovers } from './leftovers/leftover.ts';
import type { Problem } from './problem.ts';
import { planRewrites, type Rewrite } from './plan-rewrites.ts';
import {
  type FileAttributes,
  type FileFacts,
  type PartitionView,
  type PlannedFile,
  planFile,
  type SeenFile,
} from './view.ts';

/** Files that become one: the sources are joined to the target, in this order. */
export interface Merge {
  /** Follows from the files, so that the same merge has the same id. */
  readonly id: string;
  readonly target: PlannedFile;
  readonly sources: readonly PlannedFile[];
  readonly attributes: FileAttributes;
  /** Bytes of all files together. */
  readonly bytes: number;
  readonly rows: number;
  readonly rowGroups: number;
  /** Bytes that are written, about: the new footer and the offset indexes. */
  readonly tailBytes: number;
}

/** What would be done in one partition; plain data. */
export interface PartitionPlan {
  readonly topic: string;
  readonly path: string;
  /** Data files that are there. */
  readonly files: number;
  readonly merges: readonly Merge[];
  /** Files whose rows are written anew after the merges. */
  readonly rewrites: readonly Rewrite[];
  /** Files that dead writers left, and what becomes of them. */
  readonly leftovers: LeftoverPlan;
  /** Journals of runs that died: their work is finished or undone first. */
  readonly unsettled: readonly string[];
  readonly problems: readonly Problem[];
}

interface Candidate extends SeenFile {
  readonly candidate: { readonly attributes: FileAttributes; readonly facts: FileFacts };
}

interface Bin {
  readonly files: Candidate[];
  bytes: number;
  written: number;
  rowGroups: number;
  footerBytes: number;
  /** What the merged file has once for all. */
  otherBytes: number;
  urlBytes: number;
}

/** A piece in the list of pieces takes its name and about so many bytes. */
const pieceBytes = 64;

/** The name by which offsets of one Kafka partition are known. */
export function kafkaPartition({ topic, partition }: OffsetSpan): string {
  return `${topic}+${partition}`;
}

/** A file that is so small that it should be merged. */
export function isSmall({ length }: Pick<SeenFile, 'length'>, targetBytes: number): boolean {
  return length > 0 && length < targetBytes * 0.75;
}

/**
 * Decides which files become one, and which are written anew. Pure: the same view gives the same plan, and what a plan
 * leaves gives an empty plan. A file of a merge is not written anew by the same plan.
 * A merged file weighs as much as its pieces did, so that no two results of one plan fit together.
 */
export function planPartition(view: PartitionView): PartitionPlan {
  const { topic, path, policy, files, unsettled } = view;
  const problems = [...view.problems];
  const left = view.leftovers && planLeftovers(view.leftovers, { topic, path, now: view.now, dataFiles: files.length });
  problems.push(...(left?.problems ?? []));
  const leftovers = left?.plan ?? noLeftovers;
  const plan = { topic, path, files: files.length, leftovers, unsettled, problems };
  const quietSince = view.now - policy.quietSeconds * 1_000;
  if (view.newest > quietSince) {
    const wait = Math.ceil((view.newest - quietSince) / 1_000);
    problems.push({ code: 'partition.open', topic, path, message: `${path} was written to lately: wait ${wait} s` });
    return { ...plan, merges: [], rewrites: [] };
  }
  const candidates = files.filter((file): file is Candidate => file.candidate !== undefined);
  const kept = keptFiles(files, view.offsetsElsewhere);
  const groups = Map.groupBy(candidates, ({ candidate: { attributes, facts } }) =>
    JSON.stringify([facts.key, attributes]),
  );
  const keys = new Set(candidates.map(({ candidate }) => candidate.facts.key));
  if (keys.size > 1) {
    const message = `the files of ${path} have ${keys.size} schemas (or writers): each is merged for itself`;
    problems.push({ code: 'schema.several', topic, path, message });
  }
  const merges = [...groups.values()]
    .flatMap((group) => packFiles(group, kept, view))
    .filter((bin) => bin.files.length >= policy.minFiles)
    .map((bin) => planMerge(bin))
    .toSorted((a, b) => compareText(a.target.name, b.target.name));
  const merged = new Set(merges.flatMap(({ target, sources }) => [target, ...sources].map(({ name }) => name)));
  for (const { name } of candidates)
    if (kept.has(name) && !merged.has(name) && candidates.length >= policy.minFiles)
      problems.push({
        code: 'file.kept',
        topic,
        path: `${path}/${name}`,
        message: `${name} stays as it is: its name holds the highest offset of a Kafka partition, by which Kafka Connect resumes`,
      });
  const { rewrites, problems: refusals } = planRewrites(view, merged);
  return { ...plan, problems: [...problems, ...refusals], merges, rewrites };
}

/** The names of the files whose end offset is the highest of their Kafka partition, here and elsewhere. */
function keptFiles(files: readonly SeenFile[], elsewhere: ReadonlyMap<string, bigint>): ReadonlySet<string> {
  const highest = new Map<string, { name: string; last: bigint }>();
  for (const { name } of files) {
    const span = parseOffsetName(name);
    if (span === undefined) continue;
    const partition = kafkaPartition(span);
    if (span.last > (highest.get(partition)?.last ?? -1n)) highest.set(partition, { name, last: span.last });
  }
  // Where two folders have it, neither may rely on the other.
  const own = [...highest].filter(([partition, { last }]) => last >= (elsewhere.get(partition) ?? -1n));
  return new Set(own.map(([, { name }]) => name));
}

/**
 * First fit in the order of names. What must not vanish can only be a target, so it opens a bin of its own. Where a listing
 * comes in parts, the target must be the last of its bin: who has read its name before the merge, has read all names.
 */
function packFiles(
  files: readonly Candidate[],
  kept: ReadonlySet<string>,
  { policy, urlBytes, isPaged = false }: PartitionView,
): Bin[] {
  const bins: Bin[] = [];
  const byName = files.toSorted((a, b) => compareText(a.name, b.name));
  const ordered = [...byName.filter(({ name }) => kept.has(name)), ...byName.filter(({ name }) => !kept.has(name))];
  for (const file of ordered) {
    const { facts } = file.candidate;
    const footerBytes = facts.groupBytes + facts.manifestBytes + file.name.length + pieceBytes;
    const fits = (bin: Bin): boolean =>
      !(isPaged && bin.files.some(({ name }) => kept.has(name) && name < file.name)) &&
      bin.bytes + file.length <= policy.targetBytes &&
      bin.written + facts.written <= policy.maxFiles &&
      bin.rowGroups + facts.rowGroups <= policy.maxRowGroups &&
      bin.footerBytes + footerBytes + Math.max(bin.otherBytes, facts.otherBytes) <= policy.maxFooterBytes &&
      bin.urlBytes + facts.urlBytes <= urlBytes;
    let bin = kept.has(file.name) ? undefined : bins.find(fits);
    if (bin === undefined) {
      bin = { files: [], bytes: 0, written: 0, rowGroups: 0, footerBytes: 0, otherBytes: 0, urlBytes: 0 };
      bins.push(bin);
    }
    bin.files.push(file);
    bin.bytes += file.length;
    bin.written += facts.written;
    bin.rowGroups += facts.rowGroups;
    bin.footerBytes += footerBytes;
    bin.otherBytes = Math.max(bin.otherBytes, facts.otherBytes);
    bin.urlBytes += facts.urlBytes;
  }
  if (isPaged)
    for (const { files: members } of bins) {
      members.sort((a, b) => compareText(a.name, b.name));
      members.unshift(...members.splice(-1));
    }
  return bins;
}

function planMerge({ files, bytes, rowGroups, footerBytes, otherBytes }: Bin): Merge {
  const planned = files.map((file) => planFile(file, file.candidate.facts));
  const [target, ...sources] = planned as [PlannedFile, ...PlannedFile[]];
  const sum = (of: (facts: FileFacts) => number): number =>
    files.reduce((total, { candidate }) => total + of(candidate.facts), 0);
  const states = planned.map(({ name, fileId, length, modificationTime, footer }) =>
    JSON.stringify([name, fileId, length, modificationTime, footer]),
  );
  return {
    id: createHash('sha256').update(states.join('\n')).digest('hex').slice(0, 24),
    target,
    sources,
    attributes: (files[0] as Candidate).candidate.attributes,
    bytes,
    rows: sum(({ rows }) => rows),
    rowGroups,
    tailBytes: footerBytes + otherBytes + sum(({ indexBytes }) => indexBytes),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
