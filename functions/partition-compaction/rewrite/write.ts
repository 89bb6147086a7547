import { LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath } from '#shared/hdfs/path.ts';
import { deepMerge } from '#shared/parquet/deep-merge/merge.ts';
import type { Codec } from '#shared/parquet/deep-merge/codec.ts';
import { type RangedSource, readFooter } from '#shared/parquet/footer.ts';
import { judgeMerge } from '#shared/parquet/merge-key.ts';
import { encodeManifest, manifestKey, type PieceManifest } from '#shared/parquet/piece-manifest.ts';
import { findRewriteFault, isWithinSplits, type JudgedFooter } from '#shared/parquet/rewritten-file.ts';
import type { CommitTools } from '../commit-tools.ts';
import { writeByEngine } from '../engine/write.ts';
import { setAttributes } from '../file-attributes.ts';
import type { Lease } from '../journal/journal.ts';
import { hasAttributes } from '../last-look.ts';
import { digestFooter } from '../piece-reader.ts';
import type { Rewrite } from '../plan-rewrites.ts';
import { streamFile } from './streamed-file.ts';

/** How often in the time of a lease it is renewed. */
const renewals = 4;

/**
 * Writes the rows of a file anew under a hidden name, with all that the old one had, and verifies what stands there.
 * @throws plan.stale when the old file is another one by now or the partition is not ours any more; parquet.* for a file that
 * cannot be written anew; what HDFS refuses
 */
export async function writeMerged(
  hidden: string,
  folder: string,
  rewrite: Rewrite,
  lease: Lease,
  tools: CommitTools,
): Promise<FileStatus> {
  const { hdfs, onBytes, signal } = tools;
  const { file, way, groupRows, groupBytes, codec, attributes } = rewrite;
  const path = childPath(folder, file.name);
  const source = { path, length: file.length, read: (from: number, count: number) => hdfs.read(path, from, count) };
  const before = await judge(source);
  if (digestFooter(before.footer.bytes) !== file.footer)
    throw new LakewardenError('plan.stale', `${path} has another footer than planned`, { details: { path } });
  const pieces = describeRewrite(rewrite, before.facts.manifest, await hdfs.serverTime());
  if (rewrite.engine !== undefined) {
    if (tools.engine === undefined) throw new LakewardenError('plan.stale', 'there is no engine any more');
    const handover = { folder, rewrite, before, manifest: pieces, hidden };
    return dress(await writeByEngine(handover, tools.engine, lease, tools), path, rewrite, tools);
  }
  const position = way === 'concat' ? file.length : 0;
  const manifest = encodeManifest(pieces);
  const renew = renewing(lease, tools.leaseSeconds);
  let written = 0;
  const options = {
    ...(codec !== 'as found' && { codec: codec.toUpperCase() as Codec }),
    groupRows,
    groupBytes,
    position,
    keyValues: new Map([[manifestKey, manifest]]),
  };
  const result = await streamFile(
    (sink) =>
      deepMerge(
        [source],
        {
          async write(bytes) {
            signal?.throwIfAborted();
            await renew();
            await sink.write(bytes);
            written += bytes.length;
            onBytes?.(path, written, file.length);
          },
        },
        options,
      ),
    (body) => {
      const { permission, replication, blockSize } = attributes;
      return hdfs.create(hidden, body, { permission, replication, blockSize });
    },
  );
  const made = await hdfs.status(hidden);
  if (made.length !== result.length) throw new LakewardenError('hdfs.unavailable', `${hidden} was not written whole`);
  // As it will be: behind the old bytes, or from the beginning on.
  const read = async (from: number, count: number): Promise<Uint8Array> => {
    const old = Math.max(0, Math.min(count, position - from));
    const first = await hdfs.read(path, from, old);
    return Buffer.concat([first, await hdfs.read(hidden, Math.max(0, from - position), count - old)]);
  };
  const after = await judge({ path: hidden, length: position + made.length, read });
  const fault =
    after.footer.keyValueMetadata.get(manifestKey) === manifest
      ? findRewriteFault(before, after, { position, length: position + made.length, rowGroups: result.rowGroups })
      : 'its list of pieces differs';
  if (fault !== undefined)
    throw new LakewardenError('parquet.corrupt', `${path} cannot be written anew: ${fault}`, { details: { path } });
  // A CONCAT leaves the old file what it is; a rename puts another one in its place.
  return way === 'concat' ? made : dress(made, path, rewrite, tools);
}

async function judge(source: RangedSource): Promise<JudgedFooter> {
  const footer = await readFooter(source);
  return { footer, facts: judgeMerge(source.path, source.length, footer) };
}

/** What a file that is written anew tells of where its rows come from. */
function describeRewrite(
  { id, file, way, attributes }: Rewrite,
  made: PieceManifest | undefined,
  at: number,
): PieceManifest {
  const rewrite = { id, at };
  // Old bytes are left behind: the pieces are those of the rewrite before.
  if (way === 'rename' && made?.form === 'swapped') return { ...made, form: 'rewritten', rewrite };
  const { owner, group, permission, replication, acl } = attributes;
  const { name, length, modificationTime, accessTime, fileId, rows } = file;
  const piece = { name, length, modificationTime, accessTime, fileId, rows, ...(made !== undefined && { made }) };
  const form = way === 'rename' ? 'rewritten' : 'swapped';
  return { form, rewrite, owner, group, permission, replication, acl, pieces: [piece] };
}

/**
 * Gives the new file all that the old one has. @throws hdfs.invalid when it does not take it; parquet.unsupported when it is so
 * long that queries which know the length of the old one would miss rows without a word
 */
async function dress(
  made: FileStatus,
  path: string,
  { attributes, file }: Rewrite,
  { hdfs }: CommitTools,
): Promise<FileStatus> {
  const hidden = made.path;
  const read = (from: number, count: number) => hdfs.read(hidden, from, count);
  if (!isWithinSplits(await readFooter({ path: hidden, length: made.length, read }), file.length)) {
    const message = `${path} would become so long that queries planned before would miss rows: ${made.length} bytes`;
    throw new LakewardenError('parquet.unsupported', message, { details: { path } });
  }
  if (made.storagePolicy !== attributes.storagePolicy)
    await hdfs.setStoragePolicy(hidden, await hdfs.storagePolicy(path));
  for (const [name, value] of await hdfs.getXattrs(path)) await hdfs.setXattr(hidden, name, value);
  await setAttributes(made, attributes, file, hdfs);
  const now = await hdfs.status(hidden);
  const { entries } = now.acl ? await hdfs.aclStatus(hidden) : { entries: [] };
  if (hasAttributes(now, attributes) && JSON.stringify(entries) === JSON.stringify(attributes.acl)) return now;
  const message = `${path} cannot be replaced: a new file does not take its owner, mode, ACL, replication or policy`;
  throw new LakewardenError('hdfs.invalid', message, { details: { path } });
}

/** Renews a lease now and then, when it is called often. */
function renewing(lease: Lease, leaseSeconds: number): () => Promise<void> {
  const pause = (leaseSeconds * 1_000) / renewals;
  let last = performance.now();
  return async () => {
    if (performance.now() - last < pause) return;
    last = performance.now();
    await lease.renew();
  };
}
