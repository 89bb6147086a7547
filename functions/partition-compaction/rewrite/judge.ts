import { parseFooter } from '#shared/parquet/footer.ts';
import { deadBytes, lastRewrite } from '#shared/parquet/piece-manifest.ts';
import { countMergedGroups } from '#shared/parquet/rewritten-file.ts';
import type { Policy } from '../config.ts';
import type { ReadPiece } from '../piece-reader.ts';
import type { RewriteFacts } from '../view.ts';

/** What a footer says about writing the rows of its file anew. */
export function judgeRewrite(
  { footer, facts: { manifest, rowGroups } }: Pick<ReadPiece, 'footer' | 'facts'>,
  path: string,
  { deepMerge }: Policy,
): RewriteFacts {
  const few = rowGroups < deepMerge.minRowGroups;
  return {
    // Of few it does not matter.
    rowGroupsAfter: few ? rowGroups : countMergedGroups(parseFooter(footer, path).metadata.row_groups, deepMerge),
    ...(manifest !== undefined && { form: manifest.form }),
    deadBytes: manifest === undefined ? 0 : deadBytes(manifest),
    rewrittenAt: manifest === undefined ? 0 : lastRewrite(manifest),
  };
}
