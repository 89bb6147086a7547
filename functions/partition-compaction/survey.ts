import pLimit from 'p-limit';
import { asError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { encodePath, maxUrlBytes, parentPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { writtenPieces } from '#shared/parquet/piece-manifest.ts';
import type { Settings, TopicSettings } from './config.ts';
import { surveyLeftovers } from './leftovers/survey.ts';
import { isClosedJournal, isOurs, isPassing, journalName, keepName, undoRunOf } from './journal/names.ts';
import { isSmall } from './plan.ts';
import { isCold } from './plan-rewrites.ts';
import { judgeRewrite } from './rewrite/judge.ts';
import type { PieceReader } from './piece-reader.ts';
import type { Pins } from './pins.ts';
import type { Problem, ProblemCode } from './problem.ts';
import type { FileAttributes, FileFacts, PartitionView, SeenFile } from './view.ts';

/** What looking at partitions needs. */
export interface SurveyTools {
  readonly hdfs: WebHdfs;
  readonly reader: PieceReader;
  readonly settings: Settings;
}

/** What all partitions of a topic have in common. */
export interface TopicView {
  readonly settings: TopicSettings;
  /** The NameNode's clock, in milliseconds since the epoch. */
  readonly now: number;
  /** Highest end offsets in other folders than the one that is looked at, by Kafka partition. */
  readonly offsetsElsewhere: (path: string) => Promise<ReadonlyMap<string, bigint>>;
  readonly pins: Pins;
}

/** Entries that a NameNode lists at once and more; 1,000 unless `dfs.ls.limit` says otherwise, and more may come meanwhile. */
const pageEntries = 500;

/** Files that summarise a folder and would be wrong after a merge (written by old versions of parquet-mr and Spark). */
const summaries: ReadonlySet<string> = new Set(['_metadata', '_common_metadata']);

/** Reads a partition's folder, and the footers of its small files when there are enough of them. */
export async function surveyPartition(path: string, topic: TopicView, tools: SurveyTools): Promise<PartitionView> {
  const { policy, topic: name } = topic.settings;
  const problems: Problem[] = [];
  const report = (code: ProblemCode, about: string, message: string): void =>
    void problems.push({ code, topic: name, path: about, message });
  const entries: FileStatus[] = [];
  for await (const entry of tools.hdfs.list(path)) entries.push(entry);
  const data = entries.filter((entry) => entry.type === 'FILE' && !isHiddenName(entry.name) && !isCrc(entry));
  for (const { path: file, length } of data)
    if (length === 0) report('file.empty', file, `${file} has no bytes, so nothing of it can be merged`);
  const summary = entries.find((entry) => summaries.has(entry.name));
  if (summary !== undefined)
    report(
      'partition.summary',
      path,
      `${summary.path} describes the files as they are: remove it, then they are merged`,
    );
  const small = data.filter((entry) => isSmall(entry, policy.targetBytes));
  const newest = entries.reduce(
    (time, { name: entry, type, modificationTime }) =>
      type === 'FILE' && !isOurs(entry) ? Math.max(time, modificationTime) : time,
    0,
  );
  const isClosed = newest <= topic.now - policy.quietSeconds * 1_000;
  const isKept = entries.some(({ name: entry }) => entry === keepName);
  if (isKept)
    report('partition.kept', path, `${path} is left as it is since a merge was undone there, until compact allow`);
  const isFree = summary === undefined && isClosed && !isKept;
  const worth = isFree && small.length >= policy.minFiles;
  const cold = isFree && isCold(newest, topic.now, policy);
  const looks: Look[] = data
    .filter(({ length }) => length > 0)
    .map((file) => ({ file, join: worth && isSmall(file, policy.targetBytes), rewrite: cold }))
    .filter(({ join, rewrite }) => join || rewrite);
  const inspected = await inspectFiles(looks, topic, tools, report);
  return {
    topic: name,
    path,
    policy,
    files: data.map(({ name: file, length, modificationTime, accessTime, fileId }): SeenFile => {
      const seen = { name: file, length, modificationTime, accessTime, fileId };
      return { ...seen, ...inspected.get(file) };
    }),
    ...(entries.length > pageEntries && { isPaged: true }),
    newest,
    now: topic.now,
    // Room for the address, the operation, the target and the tail.
    urlBytes: maxUrlBytes - 2 * encodePath(path).length - 2_000,
    offsetsElsewhere: worth ? await topic.offsetsElsewhere(path) : new Map(),
    ...(isClosed && {
      leftovers: await surveyLeftovers(path, entries, topic.settings.leftovers, topic.now, tools),
    }),
    unsettled: leftovers(entries, topic.now - tools.settings.leaseSeconds * 1_000),
    problems,
  };
}

/** Hadoop's local file system leaves checksums beside files that were copied from it. */
function isCrc({ name }: FileStatus): boolean {
  return name.endsWith('.crc');
}

/** What runs that ended left, which the next holder of the partition settles. What an undo makes goes with its journal. */
function leftovers(entries: readonly FileStatus[], expired: number): string[] {
  const isHeld = entries.some(({ name }) => name === journalName);
  return entries
    .filter(
      ({ name, modificationTime }) =>
        isClosedJournal(name) ||
        (isPassing(name) && modificationTime < expired) ||
        (!isHeld && undoRunOf(name) !== undefined),
    )
    .map(({ name }) => name);
}

type Report = (code: ProblemCode, path: string, message: string) => void;

/** A file that is looked at, and what for. */
interface Look {
  readonly file: FileStatus;
  readonly join: boolean;
  readonly rewrite: boolean;
}

type Inspected = Pick<SeenFile, 'candidate' | 'rewritable'>;

async function inspectFiles(
  looks: readonly Look[],
  topic: TopicView,
  { hdfs, reader, settings }: SurveyTools,
  report: Report,
): Promise<Map<string, Inspected>> {
  const found = new Map<string, Inspected>();
  if (looks.length === 0) return found;
  const joins = looks.some(({ join }) => join);
  const pinned = joins ? await topic.pins.namesAt(parentPath(looks[0]?.file.path ?? '')) : new Map<number, string>();
  const limit = pLimit(settings.concurrency);
  // One with a longer footer fits into no merge; but lists of pieces of older versions did not count.
  const maxFooterBytes = 2 * topic.settings.policy.maxFooterBytes;
  const inspect = async ({ file, join, rewrite }: Look): Promise<void> => {
    const objection = objectionTo(file) ?? (join ? objectionToJoin(file, pinned) : undefined);
    if (objection !== undefined) report(objection.code, file.path, `${file.path} ${objection.reason}`);
    if (objection !== undefined && !(rewrite && objection.ofJoin)) return;
    try {
      const isPiece = join && objection === undefined;
      const piece = isPiece ? await reader.read(file.path, file, maxFooterBytes) : await reader.judge(file);
      const { manifest, ...facts } = piece.facts;
      const written = manifest === undefined ? [file] : [...writtenPieces(manifest)];
      const folder = encodePath(file.path).length - encodePath(file.name).length;
      // A comma before each.
      const urlBytes = written.reduce((sum, { name }) => sum + folder + encodePath(name).length + '%2C'.length, 0);
      const acl = file.acl ? (await hdfs.aclStatus(file.path)).entries : [];
      const { owner, group, permission, replication, blockSize, storagePolicy } = file;
      const attributes: FileAttributes = { owner, group, permission, acl, replication, blockSize, storagePolicy };
      const told: FileFacts = { ...facts, footer: piece.digest, written: written.length, urlBytes };
      found.set(file.name, {
        ...(join && objection === undefined && { candidate: { attributes, facts: told } }),
        ...(rewrite && {
          rewritable: { attributes, facts: told, rewrite: judgeRewrite(piece, file.path, topic.settings.policy) },
        }),
      });
    } catch (thrown) {
      const error = asError(thrown);
      if (error.code === 'hdfs.not_found') return;
      report(codeOfFile(error.code) ?? raise(thrown), file.path, error.message);
    }
  };
  await Promise.all(looks.map((look) => limit(() => inspect(look))));
  return found;
}

/** What speaks against a file; `ofJoin` when that is only against joining it to others. */
interface Objection {
  readonly code: ProblemCode;
  readonly reason: string;
  readonly ofJoin: boolean;
}

function objectionTo({ encrypted, erasureCoded }: FileStatus): Objection | undefined {
  const ofJoin = false;
  if (encrypted)
    return { ofJoin, code: 'file.encrypted', reason: 'is encrypted: HDFS joins no files of an encryption zone' };
  if (erasureCoded) return { ofJoin, code: 'file.erasure_coded', reason: 'is erasure coded, which is not supported' };
  return undefined;
}

function objectionToJoin({ fileId, path }: FileStatus, pinned: ReadonlyMap<number, string>): Objection | undefined {
  const snapshot = pinned.get(fileId);
  const ofJoin = true;
  if (path.includes(','))
    return { ofJoin, code: 'file.name', reason: 'has a comma in its path, which WebHDFS cannot name in a list' };
  if (snapshot !== undefined)
    return {
      ofJoin,
      code: 'file.pinned',
      reason: `is held by the snapshot ${snapshot}: HDFS joins no file to another while a snapshot has it`,
    };
  return undefined;
}

/** A file that we may not read, or that is no Parquet, is a problem of that file; a NameNode that is down is none. */
function codeOfFile(code: string): ProblemCode | undefined {
  if (code === 'parquet.encrypted') return 'file.encrypted';
  if (code === 'parquet.unsupported') return 'file.unsupported';
  if (code.startsWith('parquet.') || code === 'hdfs.access_denied' || code === 'hdfs.invalid') return 'file.unreadable';
  return undefined;
}

function raise(error: unknown): never {
  throw error;
}
