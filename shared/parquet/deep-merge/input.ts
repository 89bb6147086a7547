import { crc32 } from 'node:zlib';
import { LakewardenError } from '../../errors/error.ts';
import { type RangedSource, readFooterBytes } from '../footer.ts';
import { aboutFile, corrupt, unsupported } from './fault.ts';
import { type Columns, type FooterFrame, haveCommonFrame, type InputGroup, readInputFooter } from './input-footer.ts';

/** What is kept of each input while others are read. */
export interface Survey {
  readonly source: RangedSource;
  /** Of its footer, to see that the file is still the same when it is read. */
  readonly checksum: number;
  /** Rows and bytes of each row group, in turn. */
  readonly sizes: Float64Array;
}

/**
 * Checks all that a footer says, and that the file can be merged with one of the frame `model`.
 * @throws parquet.corrupt, parquet.encrypted, parquet.unsupported
 */
export function surveyInput(
  source: RangedSource,
  footer: Uint8Array,
  columns: Columns,
  model: FooterFrame | undefined,
  tolerated: ReadonlySet<string>,
): Survey & { readonly frame: FooterFrame } {
  const sizes: number[] = [];
  const end = source.length - footer.length;
  let total = 0;
  try {
    const frame = readInputFooter(source.path, footer, columns, ({ index, rows, chunks }) => {
      let bytes = 0;
      for (const { start, length } of chunks) {
        if (start < 4 || start + length > end) throw corrupt(`a chunk of row group ${index} lies outside of the data`);
        bytes += length;
      }
      total += bytes;
      sizes.push(rows, bytes);
    });
    // Chunks that lie on top of each other would make much out of little.
    if (total > end) throw corrupt(`its chunks have ${total} bytes, all of its data ${end}`);
    if (model !== undefined && !haveCommonFrame(frame, model, tolerated))
      throw unsupported('it differs from the first file in its schema, its writer or its metadata');
    return { source, checksum: crc32(footer), sizes: new Float64Array(sizes), frame };
  } catch (error) {
    throw aboutFile(source.path, error);
  }
}

/** A row group of an input with the file that it is in. */
export interface OpenGroup extends InputGroup {
  readonly source: RangedSource;
}

/**
 * Reads some row groups of an input that was surveyed once more.
 * @throws plan.stale when the file has changed
 */
export async function openGroups(
  { source, checksum }: Survey,
  wanted: ReadonlySet<number>,
  columns: Columns,
): Promise<OpenGroup[]> {
  const footer = await readFooterBytes(source);
  if (crc32(footer) !== checksum) {
    const reason = 'its footer changed while it was merged';
    throw new LakewardenError('plan.stale', `${source.path} cannot be merged: ${reason}`, {
      details: { path: source.path, reason },
    });
  }
  const groups: OpenGroup[] = [];
  readInputFooter(source.path, footer, columns, (group) => groups.push({ ...group, source }), wanted);
  return groups;
}
