import type { Problem } from '../problem.ts';
import type { Finding } from './tally.ts';

/** A problem that looking at the lake met, as a finding. */
export function problemFinding({ code, path, table, message }: Problem): Finding {
  return { code, about: '', message, where: path ?? table ?? '' };
}
