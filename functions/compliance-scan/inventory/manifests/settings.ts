import { z } from 'zod';

/** The settings of a folder of manifests, which rules judge like objects of a cluster. */
export const manifestsSettings = z.strictObject({
  folder: z.string().min(1).describe('folder with YAML and JSON files, searched with the folders inside'),
  cluster: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, dots and dashes')
    .default('manifests')
    .describe('what stands in findings for the name of a cluster; changing it makes all findings new'),
  namespace: z.string().default('default').describe('namespace of objects that name none'),
});

/** What the settings of a folder of manifests say. */
export type ManifestsSettings = z.output<typeof manifestsSettings>;
