import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';

/** Labels for things whose system knows none, such as topics and folders; the settings of a source hold them. */
export const labelRegistry = z
  .array(
    z.strictObject({
      names: z.string().min(1).describe('names that they are for; * stands for any text'),
      labels: z.record(z.string(), z.string()).describe('labels, such as owner'),
    }),
  )
  .default([])
  .describe('labels by name, for a system that keeps none; of several that fit, later ones win');

/** Labels for names that fit a pattern. */
export type LabelRule = z.output<typeof labelRegistry>[number];

/** The labels of a name, none when nothing fits; undefined when there is no registry at all. */
export function labelsOf(registry: readonly LabelRule[], name: string): Readonly<Record<string, string>> | undefined {
  if (registry.length === 0) return undefined;
  const fitting = registry.filter(({ names }) => fitsPattern(name, names));
  return Object.fromEntries(fitting.flatMap(({ labels }) => Object.entries(labels)));
}
