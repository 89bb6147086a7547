import type { CommitTools } from '../commit-tools.ts';
import type { Held } from '../journal/journal.ts';
import type { Rewrite } from '../plan-rewrites.ts';
import type { Problem, ProblemCode } from '../problem.ts';
import type { RewriteBudget } from './budget.ts';
import { commitRewrite } from './commit.ts';
import type { Rewritten } from './rewritten.ts';

/** What is known of the rewrites of one partition, also when one of them ends in an error. */
export interface RewriteRecord {
  readonly done: Rewritten[];
  /** Files that are left as they are, by name. */
  readonly refused: Map<string, Problem>;
}

/**
 * Performs rewrites one after the other, as far as the budget goes. One that is refused blocks no other.
 * @returns who holds the partition, or whether some are left for a later run
 */
export async function applyRewrites(
  folder: string,
  topic: string,
  rewrites: readonly Rewrite[],
  { done, refused }: RewriteRecord,
  budget: RewriteBudget,
  tools: CommitTools,
): Promise<{ readonly held: Held } | { readonly isLeft: boolean }> {
  let isLeft = false;
  for (const rewrite of rewrites) {
    tools.signal?.throwIfAborted();
    const path = `${folder}/${rewrite.file.name}`;
    const judgement = budget.judge(rewrite);
    if (judgement === 'never') {
      const message = `${path} has ${rewrite.file.length} bytes: to write them anew takes longer than a run may`;
      refused.set(rewrite.file.name, { code: 'file.too_big', topic, path, message });
    }
    isLeft ||= judgement === 'later';
    if (judgement !== 'now') continue;
    budget.spend(rewrite);
    const end = await commitRewrite(folder, topic, rewrite, tools);
    if ('held' in end) return end;
    if ('done' in end) done.push(end.done);
    else {
      const message = `${path} is left as it is: ${end.refused.message}`;
      refused.set(rewrite.file.name, { code: codeOf(end.refused.code), topic, path, message });
    }
  }
  return { isLeft };
}

function codeOf(code: string): ProblemCode {
  if (code === 'parquet.encrypted') return 'file.encrypted';
  if (code === 'parquet.unsupported') return 'file.unsupported';
  return code.startsWith('parquet.') ? 'file.unreadable' : 'merge.refused';
}
