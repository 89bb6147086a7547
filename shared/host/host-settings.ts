import { z } from 'zod';
import { readSettings, type SettingsSources } from '#shared/config/read-settings.ts';

const oidc = z
  .strictObject({
    issuer: z
      .string()
      .min(1)
      .describe('who issues the tokens, as they say it, such as `https://kubernetes.default.svc.cluster.local`'),
    audience: z.string().min(1).describe('for whom the tokens must be: the audience that Triggers and sources name'),
    jwksUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('address of the keys, such as `https://kubernetes.default.svc/openid/v1/jwks`'),
    jwksFile: z.string().min(1).optional().describe('file with the keys, instead of an address'),
    caFile: z.string().min(1).optional().describe("PEM file of the authority of the address's certificate"),
    tokenFile: z.string().min(1).optional().describe('file with the bearer token with which the keys are asked for'),
    subjects: z
      .array(z.string().min(1))
      .default([])
      .describe('who may send, such as `system:serviceaccount:lake:*`; none: everybody with a token for this audience'),
  })
  .refine(({ jwksUrl, jwksFile }) => (jwksUrl === undefined) !== (jwksFile === undefined), {
    error: 'expected either jwksUrl or jwksFile',
  });

/** Settings of the check of senders' tokens. */
export type OidcSettings = z.output<typeof oidc>;

/** Settings of the host itself, under the key `host` of each function's settings. */
export const hostSettings = z.strictObject({
  deadlineSeconds: z
    .number()
    .min(0.01)
    .max(590)
    .default(540)
    .describe('longest time of one call; Knative ends a request after 600 s at most'),
  drainSeconds: z
    .number()
    .min(0)
    .max(590)
    .default(22)
    .describe('time that calls in flight have after SIGTERM; Kubernetes kills after 30 s by default'),
  graceSeconds: z
    .number()
    .min(0)
    .max(10)
    .default(4)
    .describe('time that a call has to end by itself after it was told to stop'),
  concurrency: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe("calls at once, more get 503; left out, Knative's containerConcurrency is the only limit"),
  memoryMebibytes: z
    .number()
    .min(32)
    .optional()
    .describe(
      'memory that the process may use, beyond most of which it answers 503; by default the limit of its container',
    ),
  instance: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("this deployment's name, the last part of the source of its events; the service's name by default"),
  tokenFiles: z
    .array(z.string().min(1))
    .min(1)
    .max(10)
    .optional()
    .describe('files with bearer tokens, one of which whoever posts an event must bring; read anew for each event'),
  oidc: oidc
    .optional()
    .describe("lets tokens of a cluster's service accounts pass, as Knative's sources and brokers bring them"),
  sink: z
    .strictObject({
      tokenFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'file with the bearer token for the sink; a SinkBinding lays it at `/oidc/token`; read anew for each event',
        ),
      caFiles: z
        .array(z.string().min(1))
        .optional()
        .describe("PEM files of authorities of the sink's certificate, besides the public ones and `K_CA_CERTS`"),
    })
    .optional()
    .describe('how the sink that `K_SINK` names is reached'),
});

/** What the host was told. */
export type HostSettings = z.output<typeof hostSettings>;

/**
 * Reads the settings of a function, with the host's under `host` of the same file.
 * @throws LakewardenError `config.invalid`.
 */
export function readFunctionSettings<Schema extends z.ZodObject>(
  schema: Schema,
  sources: SettingsSources,
): { host: HostSettings; settings: z.output<Schema> } {
  const whole = schema.safeExtend({ host: hostSettings.prefault({}) });
  const { host, ...settings } = readSettings(whole, sources) as { host: HostSettings };
  return { host, settings: settings as z.output<Schema> };
}
