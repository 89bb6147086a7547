import { z } from 'zod';

/** The settings of one cluster. With neither `server` nor `kubeconfig`, it is the cluster that the function runs in. */
export const kubernetesSettings = z
  .strictObject({
    cluster: z
      .string()
      .regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, dots and dashes')
      .default('main')
      .describe('name of the cluster in findings; changing it makes all findings new'),
    server: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('address of the API server'),
    caFile: z.string().optional().describe('file with the CA of the API server'),
    tokenFile: z.string().optional().describe('file with a token, read anew for each call'),
    certFile: z.string().optional().describe('file with a client certificate of ours'),
    keyFile: z.string().optional().describe('file with its key'),
    kubeconfig: z.string().optional().describe('kubeconfig file, in place of the address and the files'),
    context: z.string().optional().describe('context of the kubeconfig file; its current one by default'),
    namespaces: z
      .array(z.string().regex(/^[a-z0-9-]{1,63}$/, 'name of a namespace'))
      .min(1)
      .optional()
      .describe('the only namespaces to list, each by itself, where listing all at once is not allowed'),
    pageSize: z.int().min(1).max(5_000).default(500).describe('objects in one answer'),
    deadlineSeconds: z.number().positive().max(600).default(30).describe('longest time of one call'),
    eventSource: z
      .string()
      .optional()
      .describe('source that events of this cluster name; needed where events of several clusters arrive'),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: 'certFile and keyFile belong together',
  })
  .refine(
    ({ kubeconfig, server, caFile, tokenFile, certFile }) =>
      kubeconfig === undefined || [server, caFile, tokenFile, certFile].every((setting) => setting === undefined),
    { error: 'kubeconfig stands for itself: no server, caFile, tokenFile or certFile beside it' },
  )
  .refine(({ kubeconfig, context }) => kubeconfig !== undefined || context === undefined, {
    error: 'context is of use with kubeconfig only',
  });

/** What the settings of a cluster say. */
export type KubernetesSettings = z.output<typeof kubernetesSettings>;
