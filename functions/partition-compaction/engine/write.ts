import { LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Row } from '#shared/hive/hiveserver-rows.ts';
import { isGlob, isHiddenName } from '#shared/lake/file-name.ts';
import { hiveColumns } from '#shared/parquet/columns.ts';
import { type Footer, readFooter } from '#shared/parquet/footer.ts';
import { judgeMerge } from '#shared/parquet/merge-key.ts';
import { encodeManifest, manifestKey, type PieceManifest } from '#shared/parquet/piece-manifest.ts';
import { fileEnd, findRewriteFault, type JudgedFooter } from '#shared/parquet/rewritten-file.ts';
import type { CommitTools } from '../commit-tools.ts';
import type { Lease } from '../journal/journal.ts';
import { engineName } from '../journal/names.ts';
import type { Rewrite } from '../plan-rewrites.ts';
import { type AdoptedTail, buildAdoptedTail } from './adopt.ts';
import type { Engine } from './engine.ts';
import { withSession } from './session.ts';
import { digestStatements, type HiveTask, insertStatement, settingStatements, tableStatements } from './statements.ts';

/** A file that is handed to an engine. */
export interface Handover {
  readonly folder: string;
  readonly rewrite: Rewrite;
  readonly before: JudgedFooter;
  readonly manifest: PieceManifest;
  /** The hidden name under which the new file ends. */
  readonly hidden: string;
}

/**
 * Lets Hive write the rows of a file anew, in a hidden folder of the partition. Then the fidelity gate: the new file gets a footer
 * of the old schema, when that is true of it, and Hive counts and hashes all values of both files. Only then the new file gets
 * its hidden name in the partition.
 * @throws parquet.unsupported with all that Hive changed; hive.failed; plan.stale when the partition is not ours any more
 */
export async function writeByEngine(
  handover: Handover,
  engine: Engine,
  lease: Lease,
  tools: CommitTools,
): Promise<FileStatus> {
  const { hdfs, leaseSeconds, signal } = tools;
  const { folder, rewrite, before, hidden } = handover;
  const path = childPath(folder, rewrite.file.name);
  const work = childPath(folder, engineName(lease.journal.run));
  // Hive takes no location whose last name is hidden for one with files.
  const target = childPath(work, 'rows');
  const task = describeTask(handover, engine, lease.journal.run, target);
  try {
    await hdfs.mkdirs(target);
    // Hive may be another user than we are; what it writes is looked at before it counts.
    await hdfs.setPermission(target, '1777');
    await withSession(engine.connect(), { lease, leaseSeconds, timeoutMs: engine.timeoutMs, signal }, async (ask) => {
      for (const sql of [...settingStatements(task), ...tableStatements(task), insertStatement(task)]) await ask(sql);
      const made = await findOnlyFile(path, target, hdfs);
      const { keepsSchema } = await putTail(made, handover, hdfs);
      await verifyFooter(made.path, handover, keepsSchema, hdfs);
      const [ofOld, ofNew] = digestStatements(task);
      requireSameAnswers(path, await ask(ofOld), await ask(ofNew), before.footer);
      await hdfs.rename(made.path, hidden, 'none');
    });
    return await hdfs.status(hidden);
  } finally {
    // What is not removed now, the next holder of the partition removes.
    await hdfs.remove(work, { recursive: true }).catch(() => {});
  }
}

function describeTask({ folder, rewrite, before }: Handover, engine: Engine, run: string, target: string): HiveTask {
  const { file, attributes, codec, groupBytes } = rewrite;
  const path = childPath(folder, file.name);
  const { columns, problems } = hiveColumns(before.footer.schema);
  // oxlint-disable-next-line no-control-regex -- controls are what is looked for
  if (isGlob(folder) || /[\u0000-\u001f]/.test(path)) throw refuse(path, 'Hive takes its path for a pattern');
  const [problem] = problems;
  if (problem !== undefined) throw refuse(path, `${problem.column} (${problem.found}): ${problem.reason}`);
  if (columns.length !== before.footer.schema[0]?.num_children) throw refuse(path, 'it has a column of no type');
  const found = before.footer.metadata.row_groups[0]?.columns[0]?.meta_data?.codec ?? 'UNCOMPRESSED';
  return {
    run,
    folder: engine.locate(folder),
    file: engine.locate(path),
    target: engine.locate(target),
    columns,
    codec: codec === 'as found' ? found : codec.toUpperCase(),
    blockSize: attributes.blockSize,
    replication: attributes.replication,
    groupBytes,
  };
}

async function findOnlyFile(path: string, target: string, hdfs: WebHdfs): Promise<FileStatus> {
  const found: FileStatus[] = [];
  for await (const entry of hdfs.list(target)) if (!isHiddenName(entry.name)) found.push(entry);
  const [made] = found;
  if (made?.type === 'FILE' && found.length === 1) return made;
  throw refuse(path, `it wrote ${found.length} files`);
}

/** Puts a footer with the old schema and our list of pieces behind what Hive wrote. */
async function putTail(
  made: FileStatus,
  { folder, rewrite, before, manifest }: Handover,
  hdfs: WebHdfs,
): Promise<AdoptedTail> {
  const { path, length, blockSize, replication } = made;
  const after = await readFooter({ path, length, read: (from, count) => hdfs.read(path, from, count) });
  const original = childPath(folder, rewrite.file.name);
  const tail = buildAdoptedTail(original, before.footer, after, length, manifest, rewrite.schemaChange);
  const beside = `${path}.tail`;
  await hdfs.create(beside, tail.bytes, { blockSize, replication });
  await hdfs.concat(path, [beside]);
  return tail;
}

async function verifyFooter(
  made: string,
  { folder, rewrite, before, manifest }: Handover,
  keepsSchema: boolean,
  hdfs: WebHdfs,
): Promise<void> {
  const path = childPath(folder, rewrite.file.name);
  const { length } = await hdfs.status(made);
  const footer = await readFooter({ path: made, length, read: (from, count) => hdfs.read(made, from, count) });
  const facts = judgeMerge(made, length, footer);
  // Where the schema may change, all else must still be as it was.
  const expected = keepsSchema ? before : { ...before, facts: { ...before.facts, key: facts.key } };
  const rowGroups = footer.metadata.row_groups.length;
  const fault =
    footer.keyValueMetadata.get(manifestKey) === encodeManifest(manifest)
      ? findRewriteFault(expected, { footer, facts }, { position: 0, length: fileEnd(footer), rowGroups })
      : 'its list of pieces differs';
  if (fault !== undefined) throw refuse(path, fault);
}

function requireSameAnswers(path: string, before: readonly Row[], after: readonly Row[], { rows }: Footer): void {
  const text = (answer: readonly Row[]): string =>
    JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  if (before[0]?.['n'] !== rows) throw refuse(path, `it counts ${String(before[0]?.['n'])} of its ${rows} rows`);
  if (text(before) !== text(after))
    throw refuse(path, 'what it reads in the new file is not what it reads in the old one');
}

function refuse(path: string, reason: string): LakewardenError {
  return new LakewardenError('parquet.unsupported', `Hive cannot write ${path} anew: ${reason}`, { details: { path } });
}
