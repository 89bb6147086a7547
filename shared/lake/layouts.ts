import { z } from 'zod';
import { parseTemplate, type PathTemplate } from './path-template.ts';

/** The setting that tells the layouts of a topic's partitions, as texts such as `{year}/{month}`. */
export const layouts = z
  .array(z.string())
  .min(1)
  .transform((texts, context): PathTemplate[] => {
    try {
      const templates = texts.map(parseTemplate);
      const shapes = new Set(templates.map((template) => JSON.stringify(template.keys)));
      if (shapes.size > 1)
        context.addIssue({
          code: 'custom',
          message: 'templates of one topic must have the same keys, of the same types, in the same order',
        });
      return templates;
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
