import { z } from 'zod';

const account = z.strictObject({
  id: z
    .string()
    .regex(/^\d{12}$/, 'the twelve digits of an account')
    .describe('the account, which names its resources'),
  regions: z
    .array(z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d+$/, 'a region such as eu-central-1'))
    .min(1)
    .describe('regions to look at'),
  profile: z
    .string()
    .min(1)
    .optional()
    .describe("profile of AWS's configuration files, such as one that assumes a role in this account"),
});

/** Settings of the source `aws`. Credentials come the ways that AWS's SDK knows: environment, files, web identity, instance. */
export const awsSettings = z.strictObject({
  accounts: z.array(account).min(1).describe('accounts to look at'),
  endpoint: z.url().optional().describe('base address of an endpoint or emulator instead of those of AWS'),
  bucketAccess: z
    .boolean()
    .default(false)
    .describe('ask three more calls of each bucket for its public access and versions; without, one for its tags'),
  attempts: z.int().min(1).max(20).default(6).describe('how often one call is tried when AWS throttles or fails'),
  deadlineSeconds: z
    .number()
    .positive()
    .max(300)
    .default(60)
    .describe('longest time of one call with all its attempts'),
});

/** The settings, read. */
export type AwsSettings = z.output<typeof awsSettings>;
