import { z } from 'zod';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Settings of the source `azure`: network security groups of subscriptions. */
export const azureSettings = z
  .strictObject({
    subscriptions: z
      .array(z.string().regex(guid, 'the id of a subscription'))
      .min(1)
      .describe('subscriptions to look at'),
    tenant: z.string().min(1).optional().describe('directory that knows the application'),
    clientId: z.string().min(1).optional().describe('id of the application that may read (role Reader)'),
    clientSecretFile: z.string().min(1).optional().describe('file with a secret of the application'),
    assertionFile: z
      .string()
      .min(1)
      .optional()
      .describe('file with a token of the cluster that Azure trusts (workload identity), in place of a secret'),
    tokenFile: z
      .string()
      .min(1)
      .optional()
      .describe('file with an access token that somebody renews, in place of all these'),
    endpoint: z.url().default('https://management.azure.com').describe('address of the Resource Manager'),
    loginEndpoint: z.url().default('https://login.microsoftonline.com').describe('address that gives tokens'),
    attempts: z.int().min(1).max(20).default(5).describe('how often one call is tried'),
    deadlineSeconds: z.number().positive().max(300).default(30).describe('longest time of one call'),
  })
  .refine(
    ({ tokenFile, tenant, clientId, clientSecretFile, assertionFile }) =>
      tokenFile !== undefined ||
      (tenant !== undefined &&
        clientId !== undefined &&
        (clientSecretFile === undefined) !== (assertionFile === undefined)),
    { error: 'name tokenFile, or tenant and clientId with clientSecretFile or assertionFile' },
  );

/** The settings, read. */
export type AzureSettings = z.output<typeof azureSettings>;
