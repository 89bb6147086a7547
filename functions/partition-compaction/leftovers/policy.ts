import { z } from 'zod';

/** The settings for files that writers left over when they died. */
export const leftoverRules = {
  remove: z.boolean().describe('true: remove files that dead writers left half written; otherwise they are reported'),
  graceSeconds: z
    .number()
    .min(3_600)
    .describe(
      'age from which on a half-written file counts as left over; longer than a writer may be down and come back',
    ),
  secondLookSeconds: z
    .number()
    .min(60)
    .describe('time between the look that first finds such a file and the one that removes it, unchanged'),
  patterns: z
    .array(z.string().min(1).max(255))
    .max(50)
    .describe('names of such files, with * and ?; never anything that is not hidden'),
  maxFiles: z.int().min(0).max(10_000).describe('when a partition has more of them to be removed, none is'),
  maxShare: z
    .number()
    .min(0)
    .max(1)
    .describe("when more than this share of a partition's files is to be removed, none is"),
};

/** The same with what holds where nothing is said. */
export const leftoverPolicy = z.strictObject({
  remove: leftoverRules.remove.default(false),
  graceSeconds: leftoverRules.graceSeconds.default(7 * 86_400),
  secondLookSeconds: leftoverRules.secondLookSeconds.default(86_400),
  patterns: leftoverRules.patterns.default(['.*.inprogress.*', '*.inprogress', '*._COPYING_']),
  maxFiles: leftoverRules.maxFiles.default(100),
  maxShare: leftoverRules.maxShare.default(0.5),
});

/** What decides over left-over files of a topic. */
export type LeftoverPolicy = z.output<typeof leftoverPolicy>;
