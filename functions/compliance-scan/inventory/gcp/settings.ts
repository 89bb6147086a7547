import { z } from 'zod';

/** Settings of the source `gcp`: firewalls of networks in projects. Without a file, the metadata server of the machine gives tokens. */
export const gcpSettings = z
  .strictObject({
    projects: z
      .array(z.string().regex(/^[a-z][-a-z0-9.:]{4,60}[a-z0-9]$/, 'the id of a project'))
      .min(1)
      .describe('projects to look at'),
    keyFile: z
      .string()
      .min(1)
      .optional()
      .describe('file with a key (JSON) of a service account (role Compute Network Viewer)'),
    tokenFile: z
      .string()
      .min(1)
      .optional()
      .describe('file with an access token that somebody renews, in place of a key'),
    endpoint: z.url().default('https://compute.googleapis.com').describe('address of Compute Engine'),
    metadataEndpoint: z.url().default('http://metadata.google.internal').describe('address of the metadata server'),
    pageSize: z.int().min(1).max(500).default(500).describe('firewall rules in one answer'),
    attempts: z.int().min(1).max(20).default(5).describe('how often one call is tried'),
    deadlineSeconds: z.number().positive().max(300).default(30).describe('longest time of one call'),
  })
  .refine(({ keyFile, tokenFile }) => keyFile === undefined || tokenFile === undefined, {
    error: 'keyFile and tokenFile are two ways: choose one',
  });

/** The settings, read. */
export type GcpSettings = z.output<typeof gcpSettings>;
