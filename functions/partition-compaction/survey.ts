import pLimit from 'p-limit';
import { asError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { encodePath, maxUrlBytes } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { writtenPieces } from '#shared/parquet/piece-manifest.ts';
import type { Settings, TopicSettings } from './config.ts';
import { surveyLeftovers } from './leftovers/survey.ts';
import { isClosedJournal, isOurs, isPassing, journalName, undoRunOf } from './names.ts';
import { isSmall } from './plan.ts';
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
  const worth = summary === undefined && small.length >= policy.minFiles && isClosed;
  const candidates = worth ? await inspectFiles(small, topic, tools, report) : new Map<string, never>();
  return {
    topic: name,
    path,
    policy,
    files: data.map(({ name: file, length, modificationTime, accessTime, fileId }): SeenFile => {
      const candidate = candidates.get(file);
      return {
        name: file,
        length,
        modificationTime,
        accessTime,
        fileId,
        ...(candidate !== undefined && { candidate }),
      };
    }),
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

async function inspectFiles(
  files: readonly FileStatus[],
  topic: TopicView,
  { hdfs, reader, settings }: SurveyTools,
  report: Report,
): Promise<Map<string, NonNullable<SeenFile['candidate']>>> {
  const pinned = await topic.pins.namesAt(files[0]?.path.replace(/\/[^/]*$/, '') ?? '');
  const limit = pLimit(settings.concurrency);
  const found = new Map<string, NonNullable<SeenFile['candidate']>>();
  const inspect = async (file: FileStatus): Promise<void> => {
    const objection = objectionTo(file, pinned);
    if (objection !== undefined) return report(objection.code, file.path, `${file.path} ${objection.reason}`);
    try {
      const piece = await reader.read(file.path, file);
      const { manifest, ...facts } = piece.facts;
      const written = manifest === undefined ? [file] : [...writtenPieces(manifest)];
      const folder = encodePath(file.path).length - encodePath(file.name).length;
      // A comma before each.
      const urlBytes = written.reduce((sum, { name }) => sum + folder + encodePath(name).length + '%2C'.length, 0);
      const acl = file.acl ? (await hdfs.aclStatus(file.path)).entries : [];
      const { owner, group, permission, replication, blockSize, storagePolicy } = file;
      const attributes: FileAttributes = { owner, group, permission, acl, replication, blockSize, storagePolicy };
      const told: FileFacts = { ...facts, footer: piece.digest, written: written.length, urlBytes };
      found.set(file.name, { attributes, facts: told });
    } catch (thrown) {
      const error = asError(thrown);
      if (error.code === 'hdfs.not_found') return;
      report(codeOfFile(error.code) ?? raise(thrown), file.path, error.message);
    }
  };
  await Promise.all(files.map((file) => limit(() => inspect(file))));
  return found;
}

function objectionTo(
  { fileId, path, encrypted, erasureCoded }: FileStatus,
  pinned: ReadonlyMap<number, string>,
): { code: ProblemCode; reason: string } | undefined {
  const snapshot = pinned.get(fileId);
  if (encrypted) return { code: 'file.encrypted', reason: 'is encrypted: HDFS joins no files of an encryption zone' };
  if (erasureCoded) return { code: 'file.erasure_coded', reason: 'is erasure coded, which is not supported' };
  if (path.includes(','))
    return { code: 'file.name', reason: 'has a comma in its path, which WebHDFS cannot name in a list' };
  if (snapshot !== undefined)
    return {
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
