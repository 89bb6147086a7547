import { z } from 'zod';
import { readSettings, type SettingsSources } from '#shared/config/read-settings.ts';

/** Settings of the host itself, under the key `host` of each function's settings. */
const hostSettings = z.strictObject({
  /** Seconds that a call may take; Knative ends a request after 600 s at most. */
  deadlineSeconds: z.number().min(0.01).max(590).default(540),
  /** Seconds that calls in flight may take after SIGTERM; Kubernetes kills after 30 s by default. */
  drainSeconds: z.number().min(0).max(590).default(22),
  /** Seconds that a call gets to end by itself after its signal was aborted. */
  graceSeconds: z.number().min(0).max(10).default(4),
  /** Calls at once; more are answered with 503. Without it there is no limit but Knative's containerConcurrency. */
  concurrency: z.int().min(1).max(10_000).optional(),
  /** The name of this deployment in the source of its events; the service's name by default. */
  instance: z.string().min(1).max(100).optional(),
});

/**
 * Reads the settings of a function, with the host's under `host` of the same file.
 * @throws LakewardenError `config.invalid`.
 */
export function readFunctionSettings<Schema extends z.ZodObject>(
  schema: Schema,
  sources: SettingsSources,
): { host: z.output<typeof hostSettings>; settings: z.output<Schema> } {
  const whole = schema.safeExtend({ host: hostSettings.prefault({}) });
  const { host, ...settings } = readSettings(whole, sources) as { host: z.output<typeof hostSettings> };
  return { host, settings: settings as z.output<Schema> };
}
